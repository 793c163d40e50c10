import { z } from 'zod';
import { invalid } from '#lib/common';
import type { NodeDescription } from '#lib/domain';
import { parseCidr } from '#lib/ipam';

const text = z.string().max(255);
/** 32 bytes. Another text would make the kernel of every other node refuse the whole of its tunnels. */
const publicKey = z.string().regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'expected 32 bytes in base64');
const description = z.looseObject({
  hostname: text,
  os: text,
  architecture: text,
  nanoCpus: z.number().min(0),
  memoryBytes: z.number().min(0),
  engineVersion: text,
  engineLabels: z.record(z.string(), z.string()),
  drivers: z.array(text).max(64),
  dataAddress: z.union([z.ipv4(), z.ipv6()]),
  managerAddress: text.optional(),
  encryption: z
    .union([z.object({ publicKey, port: z.number().int().min(0).max(65535) }), z.object({ refused: z.string() })])
    .optional(),
  hidesClients: z.literal(true).optional(),
  moreLogDrivers: z.literal(true).optional(),
  prefixes: z
    .array(z.object({ cidr: text, by: z.string() }))
    .transform((all) => all.filter(({ cidr }) => isPrefix(cidr)))
    .optional(),
  trustRoot: z
    .string()
    .max(64 * 1024)
    .optional(),
});

/** One that a subnet can be kept clear of: where a node says that it reaches everything, none could. */
function isPrefix(cidr: string): boolean {
  try {
    return parseCidr(cidr, 'prefix').prefix > 0;
  } catch {
    return false;
  }
}

/** `Hello.description` of swarm.proto: one node's odd words are not to spoil what is said of all nodes. */
export function parseDescription(said: string): NodeDescription {
  const parsed = description.safeParse(JSON.parse(said));
  if (parsed.success) return parsed.data as NodeDescription;
  const [issue] = parsed.error.issues;
  throw invalid(`the node's description: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`);
}
