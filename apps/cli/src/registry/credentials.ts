import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { invalid } from '#lib/common';
import type { Project } from '#lib/compose';
import type { RegistryAuth } from '#lib/contracts';
import { askHelper } from './helper.js';
import { serverOf } from './server.js';

/** Docker's config.json, as far as it says who is logged in where. */
interface DockerConfig {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
}

/** What has to be there for a project. */
export function imagesOf({ services }: Project): string[] {
  return Object.values(services).flatMap(({ image }) => image ?? []);
}

/**
 * Who the caller is to the registries of images, as `docker login` left it: in config.json of DOCKER_CONFIG or ~/.docker,
 * or with the program that it names. By image; whose registry knows nobody is left out.
 * @param warn hears of a program that is named there and does not work
 * @throws `invalid` for a config.json that is not JSON
 */
export async function credentialsFor(
  images: Iterable<string>,
  env: NodeJS.ProcessEnv,
  warn: (text: string) => void,
): Promise<Record<string, RegistryAuth>> {
  const config = await readConfig(env);
  const asked = new Map<string, Promise<RegistryAuth | undefined>>();
  const of = (server: string) => {
    const known = asked.get(server) ?? credentialsOf(server, config, { env, warn });
    asked.set(server, known);
    return known;
  };
  const all = await Promise.all([...new Set(images)].map(async (image) => [image, await of(serverOf(image))] as const));
  return Object.fromEntries(all.flatMap(([image, auth]) => (auth ? [[image, auth]] : [])));
}

async function readConfig(env: NodeJS.ProcessEnv): Promise<DockerConfig> {
  const path = join(env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker'), 'config.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return {};
  }
  try {
    return (JSON.parse(text) as DockerConfig | null) ?? {};
  } catch {
    throw invalid(`${path} is not JSON: mend it, or log in anew (docker login)`);
  }
}

async function credentialsOf(
  server: string,
  { auths = {}, credHelpers = {}, credsStore }: DockerConfig,
  { env, warn }: { env: NodeJS.ProcessEnv; warn: (text: string) => void },
): Promise<RegistryAuth | undefined> {
  const program = credHelpers[server] ?? credsStore;
  if (program) return askHelper(program, server, { env, warn });
  const entry = auths[server] ?? Object.entries(auths).find(([name]) => hostOf(name) === hostOf(server))?.[1];
  if (!entry) return undefined;
  const [, user, word] = /^([^:]*):(.*)$/s.exec(Buffer.from(entry.auth ?? '', 'base64').toString('utf8')) ?? [];
  const { username = user, password = word?.replace(/\0+$/, ''), identitytoken } = entry;
  if (identitytoken) return { serveraddress: server, ...(username && { username }), identitytoken };
  return username && password ? { serveraddress: server, username, password } : undefined;
}

/** A login may have been kept by a URL. */
function hostOf(name: string): string {
  return name.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}
