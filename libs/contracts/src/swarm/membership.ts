import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { internal, messageOf, replaceFileSync, syncFolderSync } from '#lib/common';
import type { ClusterSpec } from '#lib/domain';

/**
 * That this node belongs to a cluster, or is about to: `swarm/membership.json` in the data root, mode 0600. The agent
 * writes it; the supervisor starts a manager where the role says so.
 */
export interface Membership {
  role: 'manager' | 'worker';
  /** set when the node has its certificate */
  nodeId?: string;
  /** `ADDRESS:PORT` of the managers */
  managers: string[];
  /** `ADDRESS:PORT` at which others reach this node's manager */
  advertiseAddr: string;
  /** `ADDRESS:PORT` on which a manager listens */
  listenAddr: string;
  /** where the other nodes reach this one's containers: its VXLAN endpoint */
  dataAddr: string;
  /** the address of a link of this node that leads there, where `dataAddr` is on none: something on the way translates it */
  localAddr?: string;
  /** what a new cluster is made with; on the node that made it */
  founding?: Founding;
}

export interface Founding {
  clusterId: string;
  spec: ClusterSpec;
  addressPools: { base: string; size: number }[];
  dataPathPort: number;
  availability: 'active' | 'pause' | 'drain';
}

/** Files of a node's membership, below the data root. */
export const swarmFolder = (dataRoot: string): string => join(dataRoot, 'swarm');
/** `certificate` has its key, too; `key` is of older versions. */
export const certificateFiles = (dataRoot: string) => {
  const at = (name: string) => join(swarmFolder(dataRoot), name);
  return { root: at('root.pem'), certificate: at('node.pem'), key: at('node.key') };
};

const FILE = 'membership.json';

/** What older or newer versions write beside it is kept. */
const schema = z.looseObject({
  role: z.enum(['manager', 'worker']),
  nodeId: z.string().min(1).optional(),
  managers: z.array(z.string()).nonempty(),
  advertiseAddr: z.string(),
  listenAddr: z.string(),
  dataAddr: z.string(),
  localAddr: z.string().optional(),
  founding: z
    .looseObject({
      clusterId: z.string().min(1),
      spec: z.looseObject({}),
      addressPools: z.array(z.looseObject({ base: z.string(), size: z.number() })),
      dataPathPort: z.number(),
      availability: z.enum(['active', 'pause', 'drain']),
    })
    .optional(),
});

/** @throws {SkepError} `internal`: the file is there and says nothing that could be a membership */
export function readMembership(dataRoot: string): Membership | undefined {
  const path = join(swarmFolder(dataRoot), FILE);
  const broken = (why: string, cause: unknown) =>
    internal(
      `${path} does not say what this node is in a swarm: ${why}; restore the node with "skep restore", or move ` +
        `${swarmFolder(dataRoot)} away, and it is in none`,
      cause,
    );
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw broken(messageOf(error), error);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data as Membership;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`);
  throw broken(issues.join('; '), parsed.error);
}

export function writeMembership(dataRoot: string, membership: Membership): void {
  writeSwarmFile(dataRoot, FILE, JSON.stringify(membership, undefined, 2));
}

/** Complete or not at all, also after a power loss, and for root alone. */
export function writeSwarmFile(dataRoot: string, name: string, content: string): void {
  const folder = swarmFolder(dataRoot);
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) syncFolderSync(dataRoot);
  replaceFileSync(join(folder, name), content, { mode: 0o600, durable: true });
}

/** The node belongs to no cluster any more: certificates, keys and the cluster's database go. */
export function forgetMembership(dataRoot: string): void {
  rmSync(swarmFolder(dataRoot), { recursive: true, force: true });
}
