/**
 * Where the resolver is in a container's network namespace. Programs ask it at port 53 of the address, as resolv.conf tells
 * them; it listens at a port that IANA has given to nobody and that no library takes by itself (bindresvport(3) begins
 * at 512), so that 53 is left to a name server in the container.
 */
export const RESOLVER = { address: '127.0.0.11', port: 253 } as const;
