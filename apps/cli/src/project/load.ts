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

/**
 * What is taken down: all of the project that --project-name names alone; where files say which it is, containers of their
 * services. COMPOSE_PROJECT_NAME does where there are none that can be read.
 */
export async function downTarget(context: Context): Promise<{ project: string; services?: string[] }> {
  const { projectName, file } = context.globals();
  if (projectName && file.length === 0) return { project: projectName };
  try {
    const { project, disabledServices } = await loadFiles(context);
    return { project: project.name, services: [...Object.keys(project.services), ...disabledServices] };
  } catch (error) {
    const named = context.system.env.COMPOSE_PROJECT_NAME;
    if (named && file.length === 0) return { project: named };
    throw error;
  }
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
