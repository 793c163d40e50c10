import type { IncomingMessage } from 'node:http';
import type Docker from 'dockerode';
import { pack, type Pack } from 'tar-stream';
import { invalid, SkepError, unsupported } from '#lib/common';
import { commitDocker } from '../docker-api/commit.js';
import { dial } from '../docker-api/dial.js';
import { codeByWords } from '../docker-api/errors.js';
import { jsonLines } from '../docker-api/json-stream.js';
import type { CommitRequest, ImageDefaults } from '../engine.js';

/** What Podman gives every container by itself. */
const PODMANS_ENV = ['PATH', 'TERM', 'HOSTNAME', 'HOME', 'container'];

/** Instructions that a build knows and Podman's commit does not, or would have carried out by the next build. */
const BUILT = /^(HEALTHCHECK|SHELL|ONBUILD)\b/i;

/** A build on an image needs an instruction; this one leaves nothing. */
const NOTHING = 'ARG SKEP_COMMIT';

/**
 * A container's files as a new image. Podman's commit puts its own variables into the image, cannot take one away, and
 * knows no health check; so the image is made by a build on what was committed, which adds no layer. It would carry out
 * what an image has for builds on it (ONBUILD): one that has is committed only, and `unsupported` where that is not enough.
 */
export async function commitPodman(docker: Docker, engineId: string, request: CommitRequest): Promise<string> {
  const lines = [...podmanChanges(request.config), ...request.changes];
  const built = lines.filter((line) => BUILT.test(line));
  const changes = lines.filter((line) => !BUILT.test(line));
  const committed = await commitDocker(docker, engineId, {
    ...request,
    repository: undefined,
    tag: undefined,
    config: {},
    changes,
  });
  try {
    if (!(await hasTriggers(docker, committed))) return await buildOn(docker, committed, built, request);
    if (built.length > 0) {
      throw unsupported(
        `${built[0]}: Podman cannot change it where the image has ONBUILD; build an image on it instead`,
      );
    }
    await name(docker, committed, request);
    return committed;
  } catch (error) {
    await remove(docker, committed);
    throw error;
  }
}

/** What a configuration says, as lines of a Dockerfile. A value with a line break is refused (`invalid`). */
export function podmanChanges(config: ImageDefaults): string[] {
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
    ['HEALTHCHECK', config.Healthcheck && healthcheck(config.Healthcheck)],
    ['SHELL', config.Shell && JSON.stringify(config.Shell)],
    ...OnBuild.map((line): [string, string] => ['ONBUILD', line]),
  ];
  return changes.flatMap(([instruction, value]) => (value ? [`${instruction} ${oneLine(instruction, value)}`] : []));
}

function healthcheck({ Test = [], ...check }: NonNullable<ImageDefaults['Healthcheck']>): string | undefined {
  const [kind, ...words] = Test;
  if (kind === undefined) return undefined;
  if (kind === 'NONE') return kind;
  const duration = (flag: string, ns: number | undefined) => (ns ? [`--${flag}=${ns}ns`] : []);
  return [
    ...duration('interval', check.Interval),
    ...duration('timeout', check.Timeout),
    ...duration('start-period', check.StartPeriod),
    ...(check.Retries ? [`--retries=${check.Retries}`] : []),
    'CMD',
    kind === 'CMD' ? JSON.stringify(words) : words.join(' '),
  ].join(' ');
}

function oneLine(instruction: string, value: string): string {
  if (!/[\r\n\0]/.test(value)) return value;
  throw invalid(`${instruction} ${JSON.stringify(value.slice(0, 100))}: a value of one line is expected`);
}

/** Podman tells of an image's ONBUILD by its history only. */
async function hasTriggers(docker: Docker, image: string): Promise<boolean> {
  const history = (await docker.getImage(image).history()) as { CreatedBy?: string }[];
  return history.some(({ CreatedBy = '' }) => /\bONBUILD\b/.test(CreatedBy));
}

async function buildOn(
  docker: Docker,
  base: string,
  lines: readonly string[],
  request: CommitRequest,
): Promise<string> {
  const { repository, tag, environment } = request;
  const answer = await dial<IncomingMessage>(docker, {
    method: 'POST',
    path: '/build',
    query: {
      ...(repository !== undefined && { t: tag === undefined ? repository : `${repository}:${tag}` }),
      q: 'true',
      rm: 'true',
      forcerm: 'true',
      nocache: 'true',
      identitylabel: 'false',
      unsetenv: PODMANS_ENV.filter((each) => !environment.includes(each)),
    },
    tar: contextOf([`FROM ${base}`, ...(lines.length > 0 ? lines : [NOTHING]), '']),
    stream: true,
  });
  let id: string | undefined;
  for await (const { error, stream = '' } of jsonLines(answer)) {
    if (error) throw new SkepError(codeByWords(error), error.trim());
    id = /^(?:sha256:)?([0-9a-f]{64})$/.exec(stream.trim())?.[1] ?? id;
  }
  if (id === undefined) throw new SkepError('internal', 'the engine did not say which image it made');
  await remove(docker, base);
  return id;
}

/** A build context that is a Dockerfile and nothing else, as a tar. */
function contextOf(lines: readonly string[]): Pack {
  const context = pack();
  context.entry({ name: 'Dockerfile' }, lines.join('\n'));
  context.finalize();
  return context;
}

async function name(docker: Docker, image: string, { repository, tag }: CommitRequest): Promise<void> {
  if (repository !== undefined) await docker.getImage(image).tag({ repo: repository, tag });
}

/** What lies under an image stays with it. */
async function remove(docker: Docker, image: string): Promise<void> {
  await docker.getImage(image).remove({ noprune: true });
}
