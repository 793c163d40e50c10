import { askEngine } from '../docker-api/call.js';
import { HttpRegistries } from '../registry/http-registries.js';
import {
  encodedCredentials,
  type Registries,
  type RegistryCredentials,
  type RegistryImage,
  type RegistryPlatform,
  type RemoteReference,
} from '../registry/registries.js';
import { lookUpRegistry } from '../registry/registry-host.js';

interface Distribution {
  Descriptor: RegistryImage['descriptor'];
  Platforms: RegistryPlatform[] | null;
}

/** How registries are reached is Docker Engine's own configuration: it asks them. */
export class DockerRegistries implements Registries {
  readonly lookUp = lookUpRegistry;

  constructor(private readonly socketPath: string) {}

  async login(credentials: RegistryCredentials) {
    const answer = await askEngine<{ Status?: string; IdentityToken?: string }>(this.socketPath, {
      method: 'POST',
      path: '/auth',
      body: credentials,
    });
    return { status: answer.Status ?? 'Login Succeeded', identityToken: answer.IdentityToken ?? '' };
  }

  async inspect({ repository, reference }: RemoteReference, credentials: RegistryCredentials = {}) {
    const name = `${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
    const { Descriptor: descriptor, Platforms: platforms } = await askEngine<Distribution>(this.socketPath, {
      method: 'GET',
      path: `/distribution/${name}/json`,
      headers: { 'X-Registry-Auth': encodedCredentials(credentials) },
    });
    return { descriptor, platforms: platforms ?? [] };
  }

  /** Docker Engine has no request for that. */
  async tags(repository: string, credentials?: RegistryCredentials): Promise<string[]> {
    const { RegistryConfig: config } = await askEngine<{
      RegistryConfig?: {
        InsecureRegistryCIDRs?: string[] | null;
        IndexConfigs?: Record<string, { Secure: boolean }> | null;
      };
    }>(this.socketPath, { method: 'GET', path: '/info' });
    const named = Object.entries(config?.IndexConfigs ?? {}).flatMap(([host, { Secure }]) => (Secure ? [] : [host]));
    return new HttpRegistries([...(config?.InsecureRegistryCIDRs ?? []), ...named]).tags(repository, credentials);
  }
}
