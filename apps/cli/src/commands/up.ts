import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { follow, PROGRESS_MODES, type ProgressMode, reporterFor } from '../progress/progress.js';
import { attach } from '../project/attach.js';
import { loadFiles } from '../project/load.js';
import { systemReader } from '../project/reader.js';
import { withProfiles } from '../project/seccomp.js';
import { credentialsFor, imagesOf } from '../registry/credentials.js';
import { parseScale, parseSeconds, type UpOptions, upRequest } from '../project/up-request.js';

export function define(command: Command, context: Context): void {
  command
    .argument('[services...]', 'only these and what they depend on')
    .option('-d, --detach', 'return once everything has started, instead of showing logs')
    .option('--scale <service=number>', 'how many containers of a service (repeatable)', parseScale)
    .option('--dry-run', 'show what would be done, and what waits for what')
    .option('--wait', 'return once everything runs, or is healthy where there is a health check (implies --detach)')
    .option('--wait-timeout <seconds>', 'fail when --wait takes longer', parseSeconds)
    .addOption(new Option('--progress <how>', 'how progress is shown').choices(PROGRESS_MODES).default('auto'))
    .option('--no-deps', 'leave alone what the named services depend on')
    .option('--force-recreate', 'new containers, also where nothing changed: of the named services, or of all')
    .option('--no-recreate', 'keep containers as they are, also where something changed')
    .option('-V, --renew-anon-volumes', 'new anonymous volumes for new containers, not those of their predecessors')
    .option('--remove-orphans', 'remove containers of services that the files no longer have')
    .option('-t, --timeout <seconds>', 'how long a container may take to stop', parseSeconds)
    .action(async (services: string[], options: UpOptions & { progress: ProgressMode }) => {
      const { env, stderr } = context.system;
      const { checkNetworks, refuseUnsupported, selectServices } = await import('#lib/compose');
      const loaded = await loadFiles(context, { services });
      const { project } = loaded;
      refuseUnsupported(project);
      checkNetworks(project);
      selectServices(project, [...services, ...Object.keys(options.scale ?? {})]);
      const chosen = selectServices(project, services, { withDependencies: options.deps !== false });
      const registryAuth = await credentialsFor(imagesOf(project), env, (text) =>
        stderr.write(`skep: warning: ${text}\n`),
      );
      const sent = { ...loaded, project: await withProfiles(project, chosen, systemReader(context.system)) };
      const request = upRequest(options, sent, { services, registryAuth });
      const client = await context.client();
      const begun = performance.now();
      await follow(client.up(project.name, request), reporterFor(options.progress, context));
      if (options.detach || options.dryRun || options.wait) return;
      const { timeout } = options;
      await attach(context, client, {
        project: project.name,
        services,
        mode: options.progress,
        begun,
        ...(timeout !== undefined && { timeout }),
      });
    });
}
