import { arch, availableParallelism, hostname, totalmem } from 'node:os';
import { skepVersion } from '#lib/common';
import type { Membership } from '#lib/contracts';
import type { NodeDescription, TaskNode } from '#lib/domain';
import { answersByNode, networkDrivers } from '#lib/drivers';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** What it is by itself, whatever cluster it is in. */
export function ownNames(): TaskNode {
  return { hostname: hostname(), os: 'linux', architecture: ARCHITECTURES[arch()] ?? arch() };
}

/** What this node says of itself to its manager. @param labels `key=value` */
export function nodeDescription(
  { dataAddr, role, advertiseAddr }: Membership,
  labels: readonly string[],
  said: Pick<NodeDescription, 'encryption' | 'prefixes' | 'trustRoot' | 'moreLogDrivers'>,
): NodeDescription {
  return {
    ...ownNames(),
    nanoCpus: availableParallelism() * 1e9,
    memoryBytes: totalmem(),
    engineVersion: skepVersion(),
    engineLabels: Object.fromEntries(labels.map(keyAndValue)),
    drivers: [...networkDrivers],
    dataAddress: dataAddr,
    ...(role === 'manager' && { managerAddress: advertiseAddr }),
    ...said,
    ...(!answersByNode() && { hidesClients: true }),
  };
}

function keyAndValue(label: string): [string, string] {
  const at = label.indexOf('=');
  return [label.slice(0, at), label.slice(at + 1)];
}
