import { invalid } from '#lib/common';
import type { Service } from '#lib/domain';
import { credentialsIn } from '#lib/http';

/** Credentials that come with a request, as they lie in the database; absent: nobody's. */
export function sealedAuth(header: string | undefined, seal: (text: Buffer) => string): string | undefined {
  const credentials = credentialsIn(header);
  const named = Object.values(credentials).some((value) => value !== undefined);
  return named ? seal(Buffer.from(JSON.stringify(credentials))) : undefined;
}

/**
 * Those of a service after an update: what came with the request, else what it has, or had before (`registryAuthFrom`).
 * @param given undefined: the request says nothing of them
 */
export function authAfter(service: Service, from: string | undefined, given: { auth?: string } | undefined) {
  if (given) return given.auth;
  switch (from || 'spec') {
    case 'spec':
      return service.registryAuth;
    case 'previous-spec':
      return service.previousRegistryAuth;
    default:
      throw invalid(`unsupported registryAuthFrom value: ${JSON.stringify(from)} is neither spec nor previous-spec`);
  }
}
