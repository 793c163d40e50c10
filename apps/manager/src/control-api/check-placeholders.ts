import { z } from 'zod';
import { invalid } from '#lib/common';
import { PLACEHOLDERS, unknownPlaceholder, type ServiceSpec } from '#lib/domain';
import { optional, parseBody, text, textMap, texts } from '#lib/http';

const mount = z.looseObject({
  Source: text,
  Target: text,
  VolumeOptions: optional(
    z.looseObject({ Labels: textMap, DriverConfig: optional(z.looseObject({ Options: textMap })) }),
  ),
});
const template = z.looseObject({
  ContainerSpec: z.looseObject({ Env: texts, Hostname: text, Mounts: optional(z.array(mount)) }),
});

/** Where placeholders are filled in there are only such as can be: a container would get another one as it is. Pure. */
export function checkPlaceholders({ TaskTemplate, Labels = {} }: ServiceSpec): void {
  const { Env = [], Hostname = '', Mounts = [] } = parseBody(template, TaskTemplate).ContainerSpec;
  check('Hostname', [Hostname], Labels);
  check('Env', Env, Labels);
  check('Mounts', Mounts.flatMap(textsOf), Labels);
}

function textsOf({ Source = '', Target = '', VolumeOptions }: z.infer<typeof mount>): string[] {
  const { Labels = {}, DriverConfig } = VolumeOptions ?? {};
  return [Source, Target, ...Object.values(Labels), ...Object.values(DriverConfig?.Options ?? {})];
}

function check(field: string, all: readonly string[], labels: Readonly<Record<string, string>>): void {
  for (const each of all) {
    const unknown = unknownPlaceholder(each, labels);
    if (unknown === undefined) continue;
    throw invalid(
      `rpc error: code = InvalidArgument desc = ContainerSpec.${field}: ${unknown} cannot be filled in: expected one of ` +
        `${PLACEHOLDERS.map((known) => `{{${known}}}`).join(', ')}, KEY being a label of the service`,
    );
  }
}
