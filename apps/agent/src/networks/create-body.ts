import { z } from 'zod';
import { bool, optional, text, textMap } from '#lib/http';

const pool = z.looseObject({
  Subnet: text,
  IPRange: text,
  Gateway: text,
  AuxiliaryAddresses: textMap,
});

/** What is not said is on. */
const on = z
  .boolean()
  .nullish()
  .transform((value) => value ?? true);

/** The body of POST /networks/create (Docker Engine API 1.51). Names are unique here with and without CheckDuplicate. */
export const createBody = z.looseObject({
  Name: z
    .string()
    .nullish()
    .transform((value) => value ?? ''),
  Driver: text,
  Scope: text,
  Internal: bool,
  Attachable: bool,
  Ingress: bool,
  ConfigOnly: bool,
  ConfigFrom: optional(z.looseObject({ Network: text })),
  EnableIPv4: on,
  EnableIPv6: bool,
  IPAM: optional(
    z.looseObject({
      Driver: text,
      Config: optional(z.array(pool)),
      Options: optional(z.record(z.string(), z.string())),
    }),
  ),
  Options: textMap,
  Labels: textMap,
});
export type CreateBody = z.infer<typeof createBody>;
