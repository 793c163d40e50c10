import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { follow, PROGRESS_MODES, type ProgressMode, reporterFor } from '../progress/progress.js';
import { downTarget } from '../project/load.js';
import { parseSeconds } from '../project/up-request.js';

interface DownOptions {
  volumes?: boolean;
  removeOrphans?: boolean;
  timeout?: number;
  progress: ProgressMode;
}

export function define(command: Command, context: Context): void {
  command
    .option('-v, --volumes', 'remove the volumes of the project as well')
    .option('--remove-orphans', 'remove containers of services that the files no longer have')
    .option('-t, --timeout <seconds>', 'how long a container may take to stop', parseSeconds)
    .addOption(new Option('--progress <how>', 'how progress is shown').choices(PROGRESS_MODES).default('auto'))
    .action(async ({ volumes = false, removeOrphans = false, timeout, progress }: DownOptions) => {
      const { project, services } = await downTarget(context);
      const client = await context.client();
      const body = {
        volumes,
        ...(services && !removeOrphans && { services }),
        ...(timeout !== undefined && { timeoutSeconds: timeout }),
      };
      await follow(client.down(project, body), reporterFor(progress, context));
    });
}
