import { STOP_GRACE, type RestartCondition, type TaskSpec } from '#lib/domain';
import { RESTART } from './restart.js';

/** With what holds where nobody has said anything, as Docker's clients ask to see it. Pure. */
export function withTaskDefaults(asked: TaskSpec): TaskSpec {
  const { ContainerSpec: container, RestartPolicy: restart } = asked;
  return {
    ...asked,
    ...(container && {
      ContainerSpec: {
        ...container,
        StopGracePeriod: container.StopGracePeriod ?? STOP_GRACE,
        DNSConfig: container.DNSConfig ?? {},
      },
    }),
    Resources: asked.Resources ?? {},
    RestartPolicy: restartOf(restart ?? {}),
    Placement: asked.Placement ?? {},
  };
}

function restartOf(asked: RestartCondition): RestartCondition {
  return {
    ...asked,
    Condition: asked.Condition || RESTART.Condition,
    Delay: asked.Delay ?? RESTART.Delay,
    MaxAttempts: asked.MaxAttempts ?? RESTART.MaxAttempts,
  };
}
