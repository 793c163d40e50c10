/** How a registry wants to be asked: `WWW-Authenticate` of a 401 (RFC 9110, 11.6.1). */
export type Challenge = { scheme: 'basic' } | { scheme: 'bearer'; realm: string; service?: string; scope?: string };

const PARAMETER = /([a-zA-Z_]+)="((?:[^"\\]|\\.)*)"/g;

/** The one that we know how to meet; undefined: none of them. */
export function challengeOf(given: string | string[] | undefined): Challenge | undefined {
  const header = [given].flat().find((each) => /^(?:basic|bearer)\b/i.test(each ?? ''));
  if (header === undefined) return undefined;
  if (/^basic\b/i.test(header)) return { scheme: 'basic' };
  const parameters = Object.fromEntries(
    [...header.matchAll(PARAMETER)].map(([, key, value]) => [key!.toLowerCase(), value]),
  );
  const { realm, service, scope } = parameters;
  if (realm === undefined || !/^https?:\/\//.test(realm)) return undefined;
  return { scheme: 'bearer', realm, ...(service && { service }), ...(scope && { scope }) };
}
