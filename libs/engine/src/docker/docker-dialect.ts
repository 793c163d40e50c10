import type Docker from 'dockerode';
import { unsupported } from '#lib/common';
import type { EngineDialect, HostConfig, Listed } from '../docker-api/dialect.js';
import { fromListing } from '../docker-api/observed.js';
import type { BuildNetwork, BuildQuery, EngineCreate } from '../engine.js';

/** Name under which `bin/skep-runtime` is registered with Docker Engine. */
export const RUNTIME = 'skep';

/** The sysctl that carries the namespace's path to `bin/skep-runtime`, which takes it out; runc refuses to start with it. */
const NETNS_SYSCTL = 'skep.netns';

/** Docker Engine 20.10 and newer. It refuses paths of network namespaces, so the runtime puts them in. */
export const dockerDialect: EngineDialect = { name: 'docker', hostConfig, list, untag, buildQuery };

function hostConfig(network: EngineCreate['network'], given: HostConfig): HostConfig {
  if ('container' in network) return { ...given, NetworkMode: `container:${network.container}` };
  if ('mode' in network) return { ...given, NetworkMode: network.mode };
  const wanted = given['Runtime'] || RUNTIME;
  if (wanted !== RUNTIME && wanted !== 'runc') {
    throw unsupported(
      `runtime ${JSON.stringify(wanted)}: with Docker Engine underneath, containers in networks of skep run in runc`,
    );
  }
  const sysctls = given['Sysctls'] as Record<string, string> | undefined;
  return {
    ...given,
    NetworkMode: 'none',
    Runtime: RUNTIME,
    Sysctls: { ...sysctls, [NETNS_SYSCTL]: network.netnsPath },
  };
}

async function list(docker: Docker, label: string, { size = false } = {}): Promise<Listed[]> {
  const all = await docker.listContainers({ all: true, size, filters: JSON.stringify({ label: [label] }) });
  return all.map((one) => {
    const { SizeRw = 0, SizeRootFs = 0 } = one as { SizeRw?: number; SizeRootFs?: number };
    return {
      engineId: one.Id,
      listed: () => fromListing(one),
      // A new run of what runs has another process, which the observer sees. Of ends the listing says too little.
      ...((one.State === 'running' || one.State === 'created') && {
        fingerprint: [one.State, ...one.Names].join(' '),
      }),
      ...(size && { size: { writable: SizeRw, rootFs: SizeRootFs } }),
    };
  });
}

/** Docker Engine keeps what containers that are stopped need. */
async function untag(docker: Docker, name: string): Promise<void> {
  await docker.getImage(name).remove({ force: true, noprune: true });
}

/** No way leads a build of Docker Engine into a namespace: it has the node's network, or none. */
function buildQuery(asked: BuildQuery, network: BuildNetwork): BuildQuery {
  return { ...asked, networkmode: 'alone' in network && network.alone ? 'none' : 'host' };
}
