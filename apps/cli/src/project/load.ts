import type { LoadOptions, Project } from '#lib/compose';
import type { Context } from '../context.js';
import { oneLine } from '../output/width.js';

/** Loads the files that the global options name. Warnings go to standard error. */
export async function loadFiles(context: Context, extra: Partial<LoadOptions> = {}): Promise<Project> {
  // The loader and its YAML parser are the larger part of the start-up time: only commands that need files pay for it.
  const { loadProject } = await import('#lib/compose');
  const { system, globals } = context;
  const { file, projectDirectory, projectName, envFile, profile } = globals();
  const { project, warnings } = await loadProject({
    files: file,
    cwd: system.cwd,
    env: system.env,
    ...(projectDirectory !== undefined && { projectDirectory }),
    ...(projectName !== undefined && { projectName }),
    ...(envFile.length > 0 && { envFiles: envFile }),
    profiles: profile,
    ...extra,
  });
  for (const warning of warnings) system.stderr.write(`skep: warning: ${oneLine(warning)}\n`);
  return project;
}

/** The project's name: --project-name or COMPOSE_PROJECT_NAME alone, or that of the files. */
export async function projectNameOf(context: Context): Promise<string> {
  const { projectName, file } = context.globals();
  const named = projectName ?? (file.length === 0 ? context.system.env.COMPOSE_PROJECT_NAME : undefined);
  return named || (await loadFiles(context)).name;
}
