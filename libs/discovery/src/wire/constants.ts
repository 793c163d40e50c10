// Numbers of the DNS protocol: RFC 1035 section 3.2 and 4.1.1, RFC 6891 (EDNS0), RFC 2782 (SRV), RFC 3596 (AAAA).

export const TYPE = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, OPT: 41 } as const;

export const CLASS_IN = 1;

export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const;

const RCODE_NAMES = new Map<number, string>(Object.entries(RCODE).map(([name, code]) => [code, name]));
const TYPE_NAMES = new Map<number, string>(Object.entries(TYPE).map(([name, code]) => [code, name]));

/** `NXDOMAIN`; codes without a name of their own as `RCODE9`. */
export const rcodeName = (rcode: number): string => RCODE_NAMES.get(rcode) ?? `RCODE${rcode}`;

/** `AAAA`; types without a name of their own as RFC 3597 writes them, `TYPE65`. */
export const typeName = (type: number): string => TYPE_NAMES.get(type) ?? `TYPE${type}`;

/** The number of a type's name, `A` or `TYPE65`, in any case. */
export function typeNumber(name: string): number | undefined {
  const upper = name.toUpperCase();
  const known = (TYPE as Record<string, number>)[upper];
  if (known !== undefined) return known;
  const number = /^TYPE(\d{1,5})$/u.exec(upper)?.[1];
  return number !== undefined && Number(number) <= 0xffff ? Number(number) : undefined;
}

export const HEADER_LENGTH = 12;

/** Bytes of a name on the wire, the lengths and the root included. */
export const MAX_NAME_LENGTH = 255;

/** Bytes of a UDP answer to a client that names no other size. */
export const PLAIN_UDP_SIZE = 512;

/** Bytes of the largest UDP message that is taken and given. Loopback does not fragment it. */
export const MAX_UDP_SIZE = 4096;

/** Bytes of an OPT record without options. */
export const OPT_LENGTH = 11;

/** An owner name that points to the question, which begins right after the header. */
export const QUESTION_POINTER = 0xc000 | HEADER_LENGTH;
