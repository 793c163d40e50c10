import { z } from 'zod';
import { invalid, unsupported } from '#lib/common';
import type { ClusterNode, ServiceSpec } from '#lib/domain';
import { parseBody } from '#lib/http';

const anything = z.unknown().optional();
const some = z.looseObject({}).nullish();

const mount = z.looseObject({ Type: z.string(), Target: z.string(), VolumeOptions: some });
type Mount = z.infer<typeof mount>;

/** What of a TaskSpec (Docker Engine API 1.51, and what later ones add to resources) is looked at only to refuse it. */
const template = z.looseObject({
  Runtime: anything,
  PluginSpec: anything,
  NetworkAttachmentSpec: anything,
  ContainerSpec: z.looseObject({
    Isolation: anything,
    OomScoreAdj: z.number().int().nullish(),
    Privileges: z
      .looseObject({
        NoNewPrivileges: z.boolean().nullish(),
        CredentialSpec: anything,
        SELinuxContext: anything,
        Seccomp: some,
        AppArmor: some,
      })
      .nullish(),
    Configs: z.array(z.looseObject({ Runtime: anything })).nullish(),
    Mounts: z.array(mount).nullish(),
  }),
  LogDriver: z
    .looseObject({ Name: z.string().nullish(), Options: z.record(z.string(), z.string()).nullish() })
    .nullish(),
  Resources: z
    .looseObject({ SwapBytes: anything, MemorySwappiness: anything, Limits: some, Reservations: some })
    .nullish(),
});

type Asked = z.infer<typeof template>;
type Wish = [field: string, given: unknown, why: string];

/** Log drivers that every node has; '' is its own. */
const LOG_DRIVERS = ['', 'json-file', 'local', 'none'];

/**
 * Refuses by name what would be taken and not done; null, empty lists and Docker's defaults ask for nothing. Pure.
 * @param nodes those that there are
 */
export function checkCarriedOut({ TaskTemplate }: ServiceSpec, nodes: Iterable<ClusterNode>): void {
  const asked = parseBody(template, TaskTemplate);
  const score = asked.ContainerSpec.OomScoreAdj ?? 0;
  if (Math.abs(score) > 1000) throw invalid(`Invalid value ${score}, range for oom score adj is [-1000, 1000]`);
  const moreLogDrivers = [...nodes].some(({ description }) => description?.moreLogDrivers);
  const wish = impossible(asked, moreLogDrivers).find(([, given]) => isGiven(given));
  if (wish) throw unsupported(`TaskTemplate.${wish[0]}: ${wish[2]}`);
}

function impossible(
  { ContainerSpec: container, Resources: resources, ...task }: Asked,
  moreLogDrivers: boolean,
): Wish[] {
  const privileges = container.Privileges;
  const logDriver = task.LogDriver?.Name ?? '';
  const limits = 'NanoCPUs, MemoryBytes and Pids can be limited';
  const ofNode = 'NoNewPrivileges is possible, the rest is as the node has it for its containers';
  return [
    ['Runtime', but('container', task.Runtime), 'tasks are containers'],
    ['PluginSpec', task.PluginSpec, 'tasks are containers'],
    ['NetworkAttachmentSpec', task.NetworkAttachmentSpec, 'tasks are containers'],
    ['ContainerSpec.Isolation', but('default', container.Isolation), 'a Linux node has no other than "default"'],
    ['ContainerSpec.Privileges.CredentialSpec', privileges?.CredentialSpec, ofNode],
    ['ContainerSpec.Privileges.SELinuxContext', privileges?.SELinuxContext, ofNode],
    ['ContainerSpec.Privileges.Seccomp', byDefault(privileges?.Seccomp), ofNode],
    ['ContainerSpec.Privileges.AppArmor', byDefault(privileges?.AppArmor), ofNode],
    [
      'LogDriver.Name',
      !moreLogDrivers && !LOG_DRIVERS.includes(logDriver),
      `${JSON.stringify(logDriver)}: json-file, local and none are accepted`,
    ],
    ...(container.Configs ?? []).map(({ Runtime, File }, index): Wish => {
      // It is there, and empty, for a config that only a credential spec reads.
      return [`ContainerSpec.Configs.${index}.Runtime`, Boolean(Runtime) && !File, 'a config is a file: give File'];
    }),
    ...(container.Mounts ?? []).flatMap(mountWishes),
    [
      'Resources.Reservations.GenericResources',
      resources?.Reservations?.['GenericResources'],
      'nodes have no generic resources; NanoCPUs and MemoryBytes can be reserved',
    ],
    // 0 is a wish, too.
    ['Resources.SwapBytes', isThere(resources?.SwapBytes), limits],
    ['Resources.MemorySwappiness', isThere(resources?.MemorySwappiness), limits],
  ];
}

function mountWishes({ Type, VolumeOptions }: Mount, index: number): Wish[] {
  const field = `ContainerSpec.Mounts.${index}`;
  const isKnown = ['bind', 'volume', 'tmpfs'].includes(Type);
  return [
    [`${field}.Type`, !isKnown, `${JSON.stringify(Type)}: bind, volume and tmpfs are accepted`],
    [`${field}.VolumeOptions.Subpath`, VolumeOptions?.['Subpath'], 'a volume is mounted whole'],
  ];
}

const but = (usual: string, value: unknown) => (value === usual ? undefined : value);
const isThere = (value: unknown) => value !== undefined && value !== null;

function byDefault(options: Record<string, unknown> | null | undefined): unknown {
  return options && { ...options, Mode: but('default', options['Mode']) };
}

/** Does it ask for anything? */
function isGiven(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(isGiven);
  return isThere(value) && value !== '' && value !== false && value !== 0;
}
