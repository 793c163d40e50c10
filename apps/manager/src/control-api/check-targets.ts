import { z } from 'zod';
import { invalid } from '#lib/common';
import type { ServiceSpec } from '#lib/domain';
import { optional, parseBody, text } from '#lib/http';

const file = optional(z.looseObject({ Name: text }));
const template = z.looseObject({
  ContainerSpec: z.looseObject({
    Secrets: optional(z.array(z.looseObject({ SecretName: text, File: file }))),
    Configs: optional(z.array(z.looseObject({ ConfigName: text, File: file }))),
    Mounts: optional(z.array(z.looseObject({ Target: text }))),
  }),
});

/** Each secret, config and mount has a place in the container, and no other one has the same. In Docker's words. Pure. */
export function checkTargets({ TaskTemplate }: ServiceSpec): void {
  const { Secrets = [], Configs = [], Mounts = [] } = parseBody(template, TaskTemplate).ContainerSpec;
  checkFiles(
    'secret',
    Secrets.map(({ SecretName: name, File }) => ({ name, file: File })),
  );
  checkFiles(
    'config',
    Configs.map(({ ConfigName: name, File }) => ({ name, file: File })),
  );
  const taken = new Set<string>();
  for (const { Target: target = '' } of Mounts) {
    if (taken.has(target)) throw refuse(`ContainerSpec: duplicate mount point: ${target}`);
    taken.add(target);
  }
}

function checkFiles(kind: 'secret' | 'config', uses: readonly { name?: string; file?: { Name?: string } }[]): void {
  const taken = new Map<string, string>();
  for (const { name, file } of uses) {
    if (!name) throw refuse(`malformed ${kind} reference`);
    if (!file) throw refuse(`malformed ${kind} reference, no target provided`);
    const { Name: target } = file;
    if (!target) throw refuse(`malformed file ${kind} reference, invalid target file name provided`);
    const other = taken.get(target);
    if (other !== undefined) {
      throw refuse(`${kind} references '${other}' and '${name}' have a conflicting target: '${target}'`);
    }
    taken.set(target, name);
  }
}

const refuse = (what: string) => invalid(`rpc error: code = InvalidArgument desc = ${what}`);
