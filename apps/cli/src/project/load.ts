import type { LoadedProject, LoadOptions } from '#lib/compose';
import type { Context } from '../context.js';
import { systemReader } from './reader.js';

/** Loads the files that the global options name. Warnings go to standard error. */
export async function loadFiles(context: Context, extra: Partial<LoadOptions> = {}): Promise<LoadedProject> {
  // The loader and its YAML parser are the larger part of the start-up time: only commands that need files pay for it.
  const { loadProject } = await import('#lib/compose');
  const { system, globals } = context;
  const { file, projectDirectory, projectName, envFile, profile } = globals();
  const loaded = await loadProject({
    files: file,
    cwd: system.cwd,
    env: definedOf(system.env),
    reader: systemReader(system),
    ...(projectDirectory !== undefined && { projectDirectory }),
    ...(projectName !== undefined && { projectName }),
    ...(envFile.length > 0 && { envFiles: envFile }),
    ...(profile.length > 0 && { profiles: profile }),
    ...extra,
  });
  for (const warning of loaded.warnings) system.stderr.write(`skep: warning: ${warning}\n`);
  return loaded;
}

/** The project's name: --project-name or COMPOSE_PROJECT_NAME alone, or that of the files. */
export async function projectNameOf(context: Context): Promise<string> {
  const { projectName, file } = context.globals();
  const named = projectName ?? (file.length === 0 ? context.system.env.COMPOSE_PROJECT_NAME : undefined);
  return named || (await loadFiles(context)).project.name;
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
