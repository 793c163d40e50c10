import type { IncomingHttpHeaders } from 'node:http';
import { EnvHttpProxyAgent, interceptors, request, type Dispatcher } from 'undici';
import { SkepError, unavailable } from '#lib/common';
import { challengeOf, type Challenge } from './challenge.js';
import type { RegistryCredentials } from './registries.js';
import { authoritiesOf, isInsecure } from './registry-host.js';

const CLIENT = 'docker';
const TIMEOUT_MS = 30_000;
const BODY_LIMIT = 4 << 20;
const MAX_REDIRECTIONS = 5;

interface Token {
  token?: string;
  access_token?: string;
  refresh_token?: string;
}

export interface RegistryAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** what was asked, for errors */
  url: string;
}

/**
 * One registry and one user, by the registry API v2: Basic and Bearer (token) authentication, TLS where it is not
 * declared insecure, the machine's proxies. It remembers a token for as long as it lives, which is a request of ours.
 */
export class RegistryClient {
  private readonly dispatcher: Dispatcher;
  private readonly insecure: boolean;
  private origin: string;
  private authorization?: string;
  /** of the login that a token stands for */
  identityToken = '';

  constructor(
    readonly host: string,
    private readonly credentials: RegistryCredentials,
    insecureRegistries: readonly string[],
  ) {
    this.insecure = isInsecure(host, insecureRegistries);
    this.origin = `https://${host}`;
    const ca = authoritiesOf(host);
    const connect = {
      timeout: TIMEOUT_MS,
      ...(this.insecure && { rejectUnauthorized: false }),
      ...(ca.length && { ca }),
    };
    // A proxy has its own connections, and TLS to the registry within them.
    const options = { connect, requestTls: connect };
    const agent = new EnvHttpProxyAgent(options);
    this.dispatcher = agent.compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTIONS }));
    if (credentials.registrytoken) this.authorization = `Bearer ${credentials.registrytoken}`;
  }

  /** @param path from `/v2/` on. An answer of 401 comes back only where authentication did not help. */
  async get(path: string, accept: readonly string[] = []): Promise<RegistryAnswer> {
    const answer = await this.ask(path, accept);
    const challenge = answer.status === 401 ? challengeOf(answer.headers['www-authenticate']) : undefined;
    if (!challenge || this.authorization !== undefined) return answer;
    this.authorization = await this.authorize(challenge, answer);
    return this.ask(path, accept);
  }

  close(): Promise<void> {
    return this.dispatcher.close();
  }

  private async ask(path: string, accept: readonly string[]): Promise<RegistryAnswer> {
    const headers = {
      ...(accept.length > 0 && { Accept: accept.join(', ') }),
      ...(this.authorization !== undefined && { Authorization: this.authorization }),
    };
    try {
      return await this.fetched(`${this.origin}${path}`, { headers });
    } catch (error) {
      // Credentials never went out: the connection itself failed.
      if (!this.insecure || !this.origin.startsWith('https:')) throw error;
      this.origin = `http://${this.host}`;
      return this.fetched(`${this.origin}${path}`, { headers });
    }
  }

  /** The `Authorization` that the registry asks for. */
  private async authorize(challenge: Challenge, { url }: RegistryAnswer): Promise<string> {
    const { username = '', password = '', identitytoken } = this.credentials;
    if (challenge.scheme === 'basic') {
      if (username === '') throw new SkepError('unauthorized', `Get "${url}": no basic auth credentials`);
      return `Basic ${basic(username, password)}`;
    }
    const { realm, service = '', scope } = challenge;
    const asked = { service, client_id: CLIENT, ...(scope && { scope }) };
    const answer = identitytoken
      ? await this.fetched(realm, {
          method: 'POST',
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ ...asked, grant_type: 'refresh_token', refresh_token: identitytoken }).toString(),
        })
      : await this.fetched(
          withQuery(realm, { ...asked, ...(username && { account: username, offline_token: 'true' }) }),
          {
            headers: username === '' ? {} : { Authorization: `Basic ${basic(username, password)}` },
          },
        );
    if (answer.status !== 200) {
      const denied = answer.status === 401 || answer.status === 403;
      throw new SkepError(
        denied ? 'unauthorized' : 'internal',
        `Get "${url}": ${denied ? 'unauthorized: incorrect username or password' : `its token server answered with status ${answer.status}`}`,
      );
    }
    const { token, access_token: access, refresh_token: refresh } = JSON.parse(answer.body.toString('utf8')) as Token;
    if (refresh) this.identityToken = refresh;
    return `Bearer ${token ?? access ?? ''}`;
  }

  /** Redirections to another host (of blobs) do not take the credentials along. */
  private async fetched(url: string, options: Asked): Promise<RegistryAnswer> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await request(url, { ...options, signal, dispatcher: this.dispatcher });
      return { status: answer.statusCode, headers: answer.headers, body: await limited(answer.body), url };
    } catch (error) {
      throw SkepError.is(error) ? error : unavailable(`Get "${url}": ${connectionWords(error)}`, error);
    }
  }
}

interface Asked {
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string;
}

async function limited(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > BODY_LIMIT) throw new SkepError('internal', `a registry's answer is larger than ${BODY_LIMIT} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** What happened to a connection, in the words that Docker has for it. */
function connectionWords(error: unknown): string {
  const { code, message, address, port, hostname } = error as NodeJS.ErrnoException &
    Partial<Record<'address' | 'port' | 'hostname', string>>;
  if (code === 'ECONNREFUSED' && address) return `dial tcp ${address}:${port}: connect: connection refused`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${hostname}: no such host`;
  return message;
}

function basic(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

function withQuery(realm: string, query: Record<string, string>): string {
  const url = new URL(realm);
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  return url.href;
}
