import { createHash } from 'node:crypto';
import { notFound, SkepError, type ErrorCode } from '#lib/common';
import type {
  Registries,
  RegistryCredentials,
  RegistryImage,
  RegistryPlatform,
  RemoteReference,
} from './registries.js';
import { RegistryClient, type RegistryAnswer } from './registry-client.js';
import { lookUpRegistry, registryHost } from './registry-host.js';

const SINGLE = ['application/vnd.docker.distribution.manifest.v2+json', 'application/vnd.oci.image.manifest.v1+json'];
const LISTS = ['application/vnd.docker.distribution.manifest.list.v2+json', 'application/vnd.oci.image.index.v1+json'];

interface Manifest {
  manifests?: { platform?: RegistryPlatform }[];
  config?: { digest?: string };
}

/** Registries by their HTTP API (OCI distribution specification 1.1), each call on connections of its own. */
export class HttpRegistries implements Registries {
  readonly lookUp = lookUpRegistry;

  /** @param insecure `host[:port]` or CIDR: plain HTTP and unknown certificates are accepted */
  constructor(private readonly insecure: readonly string[] = []) {}

  login(credentials: RegistryCredentials): Promise<{ status: string; identityToken: string }> {
    const host = registryHost(credentials.serveraddress ?? '');
    return this.with(host, credentials, async (client) => {
      const { status, url } = await client.get('/v2/');
      if (status === 200) return { status: 'Login Succeeded', identityToken: client.identityToken };
      throw new SkepError(
        status === 401 ? 'unauthorized' : 'internal',
        `login attempt to ${url} failed with status: ${status}${status === 401 ? ' Unauthorized' : ''}`,
      );
    });
  }

  inspect({ repository, reference }: RemoteReference, credentials: RegistryCredentials = {}): Promise<RegistryImage> {
    const { host, path } = placeOf(repository);
    return this.with(host, credentials, async (client) => {
      const answer = found(await client.get(`/v2/${path}/manifests/${reference}`, [...LISTS, ...SINGLE]));
      const mediaType = (answer.headers['content-type'] ?? '').replace(/;.*$/, '');
      const digest = `sha256:${createHash('sha256').update(answer.body).digest('hex')}`;
      if (reference.startsWith('sha256:') && reference !== digest) {
        throw new SkepError('internal', `${answer.url}: the manifest does not have that digest, but ${digest}`);
      }
      const manifest = jsonOf<Manifest>(answer);
      const platforms = manifest.manifests
        ? manifest.manifests.flatMap(({ platform }) => (platform ? [platform] : []))
        : await platformsOf(client, path, manifest.config?.digest);
      return { descriptor: { mediaType, digest, size: answer.body.length }, platforms };
    });
  }

  tags(repository: string, credentials: RegistryCredentials = {}): Promise<string[]> {
    const { host, path } = placeOf(repository);
    return this.with(host, credentials, async (client) => {
      const tags: string[] = [];
      // Registries give long lists in pages, and say with each where the next one is.
      let next: string | undefined = `/v2/${path}/tags/list`;
      while (next !== undefined) {
        const answer = found(await client.get(next));
        tags.push(...(jsonOf<{ tags?: string[] | null }>(answer).tags ?? []));
        next = nextPage(answer);
      }
      return tags;
    });
  }

  private async with<T>(
    host: string,
    credentials: RegistryCredentials,
    use: (client: RegistryClient) => Promise<T>,
  ): Promise<T> {
    const client = new RegistryClient(host, credentials, this.insecure);
    try {
      return await use(client);
    } finally {
      void client.close();
    }
  }
}

/** An image's configuration says what it is for where its manifest is of one platform. */
async function platformsOf(client: RegistryClient, path: string, digest?: string): Promise<RegistryPlatform[]> {
  if (digest === undefined) return [];
  const config = jsonOf<Partial<RegistryPlatform>>(found(await client.get(`/v2/${path}/blobs/${digest}`)));
  const { architecture = '', os = '', variant, 'os.version': version } = config;
  return os === ''
    ? []
    : [{ architecture, os, ...(variant && { variant }), ...(version && { 'os.version': version }) }];
}

function placeOf(repository: string): { host: string; path: string } {
  const slash = repository.indexOf('/');
  return { host: registryHost(repository.slice(0, slash)), path: repository.slice(slash + 1) };
}

const CODES: Readonly<Record<number, ErrorCode>> = { 401: 'unauthorized', 403: 'forbidden', 404: 'not_found' };

/** A successful answer; any other as the error that its body words (`{"errors": [{code, message}]}`). */
function found(answer: RegistryAnswer): RegistryAnswer {
  if (answer.status < 400) return answer;
  const [first] = errorsIn(answer);
  const words = first?.message ?? `${answer.url}: status ${answer.status}`;
  const kind = (first?.code ?? '').toLowerCase().replaceAll('_', ' ');
  const message = kind === '' ? words : `${kind}: ${words}`;
  if (answer.status === 404) throw notFound(message);
  throw new SkepError(CODES[answer.status] ?? 'internal', message);
}

function errorsIn({ body }: RegistryAnswer): { code?: string; message?: string }[] {
  try {
    return (JSON.parse(body.toString('utf8')) as { errors?: { code?: string; message?: string }[] }).errors ?? [];
  } catch {
    return [];
  }
}

function jsonOf<T>({ body, url }: RegistryAnswer): T {
  try {
    return JSON.parse(body.toString('utf8')) as T;
  } catch (error) {
    throw new SkepError('internal', `${url}: the registry's answer is not JSON`, { cause: error });
  }
}

/** `Link: </v2/…>; rel="next"`, on the same registry. */
function nextPage({ headers }: RegistryAnswer): string | undefined {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/.exec([headers['link'] ?? ''].flat().join(','))?.[1];
  return target === undefined ? undefined : target.replace(/^https?:\/\/[^/]+/, '');
}
