import { decimal, integer, listOf, oneOf, record, text } from './kinds.js';
import { bytes, duration } from './quantities.js';
import { deviceRequests, mapping, strings } from './shared.js';

const count = integer({ min: 0 });

const updateFields = {
  delay: duration,
  max_failure_ratio: decimal({ min: 0, max: 1000 }),
  monitor: duration,
  order: oneOf('start-first', 'stop-first'),
  parallelism: count,
};

export const deploy = record({
  endpoint_mode: oneOf('vip', 'dnsrr'),
  labels: mapping,
  mode: oneOf('replicated', 'global', 'replicated-job', 'global-job'),
  placement: record({
    constraints: strings,
    max_replicas_per_node: count,
    preferences: listOf(record({ spread: text })),
  }),
  replicas: count,
  resources: record({
    limits: record({ cpus: decimal({ min: 0 }), memory: bytes, pids: integer({ min: -1 }) }),
    reservations: record({
      cpus: decimal({ min: 0 }),
      devices: deviceRequests,
      generic_resources: listOf(
        record(
          { discrete_resource_spec: record({ kind: text, value: integer() }) },
          { required: ['discrete_resource_spec'] },
        ),
      ),
      memory: bytes,
    }),
  }),
  restart_policy: record({
    condition: oneOf('none', 'on-failure', 'any', 'no', 'always', 'unless-stopped'),
    delay: duration,
    max_attempts: count,
    window: duration,
  }),
  rollback_config: record({ ...updateFields, failure_action: oneOf('continue', 'pause') }),
  update_config: record({ ...updateFields, failure_action: oneOf('continue', 'pause', 'rollback') }),
});
