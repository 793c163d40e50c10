import { parseBytes, parseDuration, replicasOf, type Service } from '#lib/compose';
import type { Placement, Resources, RestartCondition, ServiceMode, UpdateConfig } from '#lib/domain';
import { present } from './present.js';

const NANOSECONDS = 1e6;

/** Compose's durations (`1m30s`) in the Docker Engine API's unit. */
export function nanoseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Math.round(parseDuration(text) * NANOSECONDS);
}

export function modeOf(service: Service): ServiceMode {
  const replicas = replicasOf(service);
  switch (service.deploy?.mode) {
    case 'global':
      return { Global: {} };
    case 'global-job':
      return { GlobalJob: {} };
    case 'replicated-job':
      return { ReplicatedJob: { MaxConcurrent: replicas, TotalCompletions: replicas } };
    default:
      return { Replicated: { Replicas: replicas } };
  }
}

type AskedUpdate = NonNullable<Service['deploy']>['update_config'];

/** One task at a time unless the file says otherwise. */
export function updateOf(asked: AskedUpdate): UpdateConfig | undefined {
  if (!asked) return undefined;
  return present({
    Parallelism: asked.parallelism ?? 1,
    Delay: nanoseconds(asked.delay),
    FailureAction: asked.failure_action,
    Monitor: nanoseconds(asked.monitor),
    MaxFailureRatio: asked.max_failure_ratio,
    Order: asked.order,
  });
}

/** `deploy.restart_policy`, else what `restart` says. */
export function restartOf(service: Service): RestartCondition | undefined {
  const asked = service.deploy?.restart_policy;
  if (asked) {
    return present({
      Condition: conditionOf(asked.condition),
      Delay: nanoseconds(asked.delay),
      MaxAttempts: asked.max_attempts,
      Window: nanoseconds(asked.window),
    });
  }
  const [name, tries] = (service.restart ?? '').split(':');
  const condition = conditionOf(name);
  return condition && { Condition: condition, ...(tries && { MaxAttempts: Number(tries) }) };
}

/** In a swarm's words, which has three of them. */
function conditionOf(word: string | undefined): RestartCondition['Condition'] {
  switch (word) {
    case 'none':
    case 'no':
      return 'none';
    case 'on-failure':
      return word;
    case 'any':
    case 'always':
    case 'unless-stopped':
      return 'any';
    default:
      return undefined;
  }
}

export function placementOf({ deploy }: Service): Placement | undefined {
  const asked = deploy?.placement;
  if (!asked) return undefined;
  return present({
    Constraints: asked.constraints,
    Preferences: asked.preferences?.flatMap(({ spread }) =>
      spread === undefined ? [] : [{ Spread: { SpreadDescriptor: spread } }],
    ),
    MaxReplicas: asked.max_replicas_per_node,
  });
}

export function resourcesOf(service: Service): { Limits: Resources; Reservations: Resources } {
  const { limits, reservations } = service.deploy?.resources ?? {};
  return {
    Limits: amounts({
      cpus: service.cpus ?? limits?.cpus,
      memory: service.mem_limit ?? limits?.memory,
      pids: service.pids_limit ?? limits?.pids,
    }),
    Reservations: amounts({ cpus: reservations?.cpus, memory: service.mem_reservation ?? reservations?.memory }),
  };
}

function amounts({ cpus, memory, pids }: { cpus?: number; memory?: string; pids?: number }): Resources {
  return present({
    NanoCPUs: cpus === undefined ? undefined : Math.round(Number(cpus) * 1e9),
    MemoryBytes: memory === undefined ? undefined : parseBytes(memory),
    Pids: pids === undefined ? undefined : Number(pids),
  });
}
