/**
 * Options by which a service asks for addresses of its own on a network: `ADDRESS`, `FIRST-LAST`, or several with commas.
 * They stand in the attachment's driver options (`--network name=X,driver-opt=skep.ipv4_address=…`), or, for clients that
 * cannot say those, in the service's label `OPTION.NETWORK`.
 */
export const ADDRESS_OPTIONS = { ipv4: 'skep.ipv4_address', ipv6: 'skep.ipv6_address' } as const;
export type AddressFamily = keyof typeof ADDRESS_OPTIONS;
