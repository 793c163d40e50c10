import { invalid, unsupported } from '#lib/common';
import type { ImageDefaults } from '../engine.js';

/**
 * A configuration as changes of Podman's commit, which keeps what the container has beside them. A change is one line: a
 * value with a line break in it is refused (`invalid`), since what follows would be another change.
 */
export function podmanChanges(config: ImageDefaults): string[] {
  for (const field of ['Healthcheck', 'Shell'] as const) {
    if (config[field] !== undefined) {
      throw unsupported(`Config.${field}: Podman's commit cannot change it; build an image on the committed one`);
    }
  }
  const { Cmd, Entrypoint, Env = [], Labels = {}, ExposedPorts = {}, Volumes = {}, OnBuild = [] } = config;
  const changes: [string, string | undefined][] = [
    ['CMD', Cmd && JSON.stringify(Cmd)],
    ['ENTRYPOINT', Entrypoint && JSON.stringify(Entrypoint)],
    ...Env.map((entry): [string, string] => ['ENV', entry]),
    ...Object.entries(Labels).map(([key, value]): [string, string] => ['LABEL', `${key}=${value}`]),
    ...Object.keys(ExposedPorts).map((port): [string, string] => ['EXPOSE', port]),
    ...Object.keys(Volumes).map((path): [string, string] => ['VOLUME', path]),
    ['WORKDIR', config.WorkingDir],
    ['USER', config.User],
    ['STOPSIGNAL', config.StopSignal],
    ...OnBuild.map((line): [string, string] => ['ONBUILD', line]),
  ];
  return changes.flatMap(([instruction, value]) => (value ? [`${instruction} ${oneLine(instruction, value)}`] : []));
}

function oneLine(instruction: string, value: string): string {
  if (!/[\r\n\0]/.test(value)) return value;
  throw invalid(`${instruction} ${JSON.stringify(value.slice(0, 100))}: a value of one line is expected`);
}
