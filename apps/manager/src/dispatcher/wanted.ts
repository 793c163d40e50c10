import { z } from 'zod';
import { invalid } from '#lib/common';
import type { WantedAttachment } from '#lib/domain';

const name = z.string().max(255);
const names = z.array(name).max(256);
const address = z.union([z.ipv4(), z.ipv6()]);

/** Other nodes put this into their kernels and answer names with it: nothing is taken on trust. */
const wanted = z.array(
  z.object({
    containerId: z.string().regex(/^[0-9a-f]{64}$/),
    network: name.min(1),
    replaces: z.string().optional(),
    mac: z
      .string()
      .regex(/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/, 'a unicast MAC in lower case')
      .optional(),
    ipv4: address.optional(),
    ipv6: address.optional(),
    preferred: z.object({ ipv4: address.optional(), ipv6: address.optional() }).optional(),
    names,
    sharedNames: names,
    service: name,
    withheld: name,
    ports: z.array(z.object({ protocol: z.enum(['tcp', 'udp', 'sctp']), port: z.number().int().min(1).max(65535) })),
  }),
);

/** `Attachments.wanted` of swarm.proto. */
export function parseWanted(text: string): WantedAttachment[] {
  const parsed = wanted.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`attachments: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`);
}
