import type { FileReference, Project, Service } from '#lib/compose';
import { invalid } from '#lib/common';
import type { InlineFile } from '#lib/domain';
import { configTarget, secretTarget } from './engine-spec.js';

/** Secrets and configs whose content comes with the model or from the caller's environment; not yet sealed. */
export function inlineFilesOf(service: Service, project: Project, environment: Record<string, string>): InlineFile[] {
  const content = (kind: string, name: string, variable: string | undefined): string => {
    const value = variable === undefined ? undefined : environment[variable];
    if (value === undefined) {
      throw invalid(
        `${kind} ${name}: environment variable ${variable ?? ''} is not set where the project is brought up`,
      );
    }
    return value;
  };
  const secrets = (service.secrets ?? []).flatMap((use): InlineFile[] => {
    const definition = project.secrets[use.source];
    if (definition?.external) throw externalFile('secret', use.source);
    if (!definition?.environment) return [];
    return [fileOf(use, secretTarget(use), content('secret', use.source, definition.environment))];
  });
  const configs = (service.configs ?? []).flatMap((use): InlineFile[] => {
    const definition = project.configs[use.source];
    if (definition?.external) throw externalFile('config', use.source);
    if (!definition || definition.file) return [];
    const text = definition.content ?? content('config', use.source, definition.environment);
    return [fileOf(use, configTarget(use), text)];
  });
  return [...secrets, ...configs];
}

function fileOf(use: FileReference, target: string, content: string): InlineFile {
  return {
    target,
    content,
    mode: use.mode === undefined ? 0o444 : Number.parseInt(use.mode, 8),
    uid: Number(use.uid ?? 0),
    gid: Number(use.gid ?? 0),
  };
}

function externalFile(kind: string, name: string) {
  return invalid(
    `${kind} ${name} is external: one node without a swarm has none; give it a file, an environment variable or content`,
  );
}
