/** What a client sends along for a registry (`X-Registry-Auth`); Docker's field names. Kept nowhere, told to nobody else. */
export interface RegistryCredentials {
  username?: string;
  password?: string;
  /** what a login gave instead of a password to keep: an OAuth 2 refresh token */
  identitytoken?: string;
  /** sent as it is */
  registrytoken?: string;
  /** `host[:port]` or a URL; left out: Docker Hub */
  serveraddress?: string;
}

/** As `X-Registry-Auth` has them. Engines take no base64url without its padding. */
export function encodedCredentials(credentials: RegistryCredentials): string {
  return Buffer.from(JSON.stringify(credentials)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

export interface RegistryPlatform {
  architecture: string;
  os: string;
  variant?: string;
  'os.version'?: string;
  'os.features'?: string[];
}

/** What a registry has under a name: the manifest, and what it is for. */
export interface RegistryImage {
  descriptor: { mediaType: string; digest: string; size: number };
  platforms: RegistryPlatform[];
}

/** A repository with its registry in front (`docker.io/library/busybox`), and a tag or digest. */
export interface RemoteReference {
  repository: string;
  reference: string;
}

/**
 * Registries, asked without pulling anything. Errors are SkepErrors in Docker's words: `unauthorized` for credentials
 * that are wrong or missing, `not_found` for what a registry does not have, `unavailable` for one that does not answer.
 */
export interface Registries {
  /** Looks up the name of a repository's registry, found or not: a machine without a way out takes long for that alone. */
  lookUp(repository: string): Promise<void>;
  /** Whether these credentials are good. The identity token is empty where the registry gives none. */
  login(credentials: RegistryCredentials): Promise<{ status: string; identityToken: string }>;
  inspect(image: RemoteReference, credentials?: RegistryCredentials): Promise<RegistryImage>;
  /** All tags of a repository, in the registry's order. */
  tags(repository: string, credentials?: RegistryCredentials): Promise<string[]>;
}
