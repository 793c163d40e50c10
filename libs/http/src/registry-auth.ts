import { z } from 'zod';
import { invalid } from '#lib/common';
import { parseBody } from './body.js';

const text = z
  .string()
  .nullish()
  .transform((value) => value || undefined);

/** A user of a registry, as clients name one: Docker's AuthConfig. */
export const authConfig = z.object({
  username: text,
  password: text,
  identitytoken: text,
  registrytoken: text,
  serveraddress: text,
});

/** `X-Registry-Auth`: base64url of an AuthConfig; of nobody's where there is none. `invalid` for what is neither. */
export function credentialsIn(header: string | string[] | undefined): Partial<z.output<typeof authConfig>> {
  if (typeof header !== 'string' || header === '') return {};
  const decoded = Buffer.from(header, 'base64url').toString('utf8');
  try {
    return parseBody(authConfig, JSON.parse(decoded));
  } catch {
    // Nothing of it is said: it may hold a password.
    throw invalid(
      'invalid X-Registry-Auth header: expected base64 of a JSON object {username, password, serveraddress}',
    );
  }
}
