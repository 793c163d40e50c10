import { readFile } from 'node:fs/promises';
import { conflict, invalid, messageOf, notFound } from '#lib/common';
import type { ConfigDefinition, Project, SecretDefinition } from '#lib/compose';
import type { SwarmApi } from '../swarm/swarm-api.js';
import { NAMESPACE, stackLabels } from './labels.js';
import type { Work } from './work.js';

type FileKind = 'secrets' | 'configs';
type Definition = SecretDefinition | ConfigDefinition;

/** What the stack's own files hold, base64, by name; read before anything is made. */
export async function readContents(
  kind: FileKind,
  project: Project,
  environment: Readonly<Record<string, string>>,
): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  for (const [key, definition] of used(kind, project)) {
    if (!definition.external) contents.set(definition.name, await contentOf(`${kind}.${key}`, definition, environment));
  }
  return contents;
}

async function contentOf(where: string, definition: Definition, environment: Readonly<Record<string, string>>) {
  const { file, environment: variable } = definition;
  if (file !== undefined) {
    return readFile(file, 'base64').catch((error: unknown) => {
      throw invalid(`${where}: ${file} cannot be read: ${messageOf(error)}`, error);
    });
  }
  if ('content' in definition && definition.content !== undefined)
    return Buffer.from(definition.content).toString('base64');
  const value = environment[variable ?? ''];
  if (value === undefined) throw invalid(`${where}: the environment variable ${variable ?? ''} is not set`);
  return Buffer.from(value).toString('base64');
}

/** Ids by name: of what is there already, of what is made now, and of external ones, which must be there. */
export async function ensureFiles(
  kind: FileKind,
  project: Project,
  contents: ReadonlyMap<string, string>,
  { api, work }: { api: SwarmApi; work: Work },
): Promise<Map<string, string>> {
  const word = kind === 'secrets' ? 'secret' : 'config';
  const ids = new Map<string, string>();
  for (const [key, definition] of used(kind, project)) {
    const { name } = definition;
    const [known] = await api.list(kind, { names: [name] });
    if (definition.external) {
      if (!known) throw notFound(`${word} ${name} (${kind}.${key}) is external, and the swarm has none of that name`);
      ids.set(name, known.ID);
      continue;
    }
    const spec = {
      Name: name,
      Labels: stackLabels(project.name, definition.labels),
      Data: contents.get(name)!,
    };
    if (!known) {
      const made = await work.on(word, name, ['Creating', 'Created'], () => api.create(kind, spec));
      ids.set(name, made.id);
      continue;
    }
    if (known.Spec.Labels?.[NAMESPACE] !== project.name) {
      throw conflict(
        `${word} ${name} is there already and not of the stack ${project.name}: say external: true, or another name`,
      );
    }
    // Refused by the manager when the content is another one.
    await work.on(word, name, ['Updating', 'Kept'], () => changed(api, kind, known, spec));
    ids.set(name, known.ID);
  }
  return ids;
}

async function changed(
  api: SwarmApi,
  kind: FileKind,
  known: Parameters<SwarmApi['update']>[1],
  spec: { Name: string },
) {
  await api.update(kind, known, spec).catch((error: unknown) => {
    if (!messageOf(error).includes('only updates to Labels')) throw error;
    throw conflict(
      `${spec.Name} has another content now, and contents never change: give it a new name in the file ` +
        `(name: ${spec.Name}-2), and the services that use it are updated`,
      error,
    );
  });
}

/** Those that some service has. */
function used(kind: FileKind, project: Project): [string, Definition][] {
  const keys = new Set(
    Object.values(project.services).flatMap((service) => (service[kind] ?? []).map((use) => use.source)),
  );
  return Object.entries<Definition>(project[kind]).filter(([key]) => keys.has(key));
}
