import type { ImageDefaults } from '#lib/engine';
import { withImageHealthcheck } from '../../health/healthcheck.js';
import type { CreateBody } from './create-body.js';
import { expandPorts } from './port-bindings.js';

/** What was asked for with what the image adds, by Docker's rules. Pure. */
export function withImage(body: CreateBody, image: ImageDefaults): CreateBody {
  return {
    ...body,
    ...commandOf(body, image),
    Env: envOf(body.Env ?? [], image.Env ?? []),
    Labels: { ...image.Labels, ...body.Labels },
    ExposedPorts: exposed({ ...image.ExposedPorts, ...body.ExposedPorts }),
    Volumes: { ...image.Volumes, ...body.Volumes },
    WorkingDir: body.WorkingDir || image.WorkingDir,
    User: body.User || image.User,
    StopSignal: body.StopSignal || image.StopSignal,
    Healthcheck: withImageHealthcheck(body.Healthcheck, image.Healthcheck),
  };
}

/** A port each: some builders write down a range as it stands in the file, `8000-8010/tcp`. */
function exposed(ports: Readonly<Record<string, unknown>>): Record<string, object> {
  const keys = Object.keys(ports).flatMap(expandPorts);
  return Object.fromEntries(keys.map(({ port, protocol }) => [`${port}/${protocol}`, {}]));
}

/** An entrypoint of one's own takes the image's command away with its entrypoint; an empty one is written `[""]`. */
function commandOf(body: CreateBody, image: ImageDefaults): Pick<CreateBody, 'Cmd' | 'Entrypoint'> {
  if (body.Entrypoint?.length) return { Entrypoint: body.Entrypoint, Cmd: body.Cmd };
  const Cmd = body.Cmd?.length ? body.Cmd : image.Cmd;
  if (body.Entrypoint) return { Entrypoint: image.Entrypoint?.length ? [''] : undefined, Cmd };
  return { Entrypoint: image.Entrypoint, Cmd };
}

function envOf(asked: readonly string[], image: readonly string[]): string[] {
  const nameOf = (entry: string) => entry.split('=')[0];
  const taken = new Set(asked.map(nameOf));
  return [...asked, ...image.filter((entry) => !taken.has(nameOf(entry)))];
}
