import { z } from 'zod';
import { invalid, notFound, randomName } from '#lib/common';
import {
  nodeNetworkNamed,
  type NetworkAttachment,
  type Service,
  type ServiceMode,
  type ServiceSpec,
} from '#lib/domain';
import { optional, parseBody, text, texts } from '#lib/http';
import type { ClusterView } from '#lib/store';
import { networksOf } from '../allocator/addresses.js';
import { find } from '../cluster/lookup.js';
import { parseConstraint } from '../constraints/constraints.js';
import { ingressNetwork, isIngress, NO_INGRESS, usesIngress } from '../ingress/ingress.js';
import { concurrencyOf } from '../orchestrator/jobs.js';
import { taskTraffic } from '../orchestrator/task-traffic.js';
import { checkCarriedOut } from './carried-out.js';
import { checkStaticAddresses } from './check-addresses.js';
import { checkPlaceholders } from './check-placeholders.js';
import { checkTargets } from './check-targets.js';
import { checkNodeNetwork } from './node-network.js';

const NAME = /^[a-zA-Z0-9]([a-zA-Z0-9-_.]*[a-zA-Z0-9])?$/;
const count = optional(z.number().int().min(0));
const amount = optional(z.number());
const labels = optional(z.record(z.string(), z.string()));
const networks = optional(z.array(z.looseObject({ Target: z.string(), Aliases: texts, DriverOpts: labels })));
const resources = optional(z.looseObject({ NanoCPUs: amount, MemoryBytes: amount }));

/** Docker's client writes `Healthcheck`, its API reference `HealthCheck`; Docker itself takes both. */
function oneSpelling({ HealthCheck: other, ...spec }: { Image: string; [key: string]: unknown }) {
  return other === undefined ? spec : { Healthcheck: other, ...spec };
}

const placement = z.looseObject({
  Constraints: texts,
  MaxReplicas: count,
  Preferences: optional(z.array(z.looseObject({ Spread: optional(z.looseObject({ SpreadDescriptor: text })) }))),
  Platforms: optional(z.array(z.looseObject({ Architecture: text, OS: text }))),
});

const condition = optional(z.enum(['', 'none', 'on-failure', 'any']));
const policy = optional(
  z.looseObject({
    Parallelism: count,
    Delay: optional(z.number().min(0)),
    Monitor: optional(z.number().min(0)),
    MaxFailureRatio: optional(z.number().min(0).max(1)),
    // Clients write an empty text for the default.
    FailureAction: optional(z.enum(['', 'pause', 'continue', 'rollback'])),
    Order: optional(z.enum(['', 'stop-first', 'start-first'])),
  }),
);

/**
 * Only what would break something further on is looked at, and null there is nothing, as Go clients mean it; the rest of the
 * spec is kept as it came. Whether tasks are out of date is told by what it says, not by how (`task-digest.ts`).
 */
const shape = z.looseObject({
  Name: text,
  Labels: labels,
  TaskTemplate: z.looseObject({
    ContainerSpec: z.looseObject({ Image: z.string().min(1, 'an image is needed') }).transform(oneSpelling),
    Placement: optional(placement),
    Resources: optional(z.looseObject({ Limits: resources, Reservations: resources })),
    RestartPolicy: optional(z.looseObject({ Condition: condition, Delay: amount, MaxAttempts: count, Window: amount })),
    Networks: networks,
  }),
  Mode: optional(
    z.looseObject({
      Replicated: optional(z.looseObject({ Replicas: count })),
      Global: optional(z.looseObject({})),
      ReplicatedJob: optional(z.looseObject({ MaxConcurrent: count, TotalCompletions: count })),
      GlobalJob: optional(z.looseObject({})),
    }),
  ),
  Networks: networks,
  UpdateConfig: policy,
  RollbackConfig: policy,
  EndpointSpec: optional(
    z.looseObject({
      Mode: optional(z.enum(['vip', 'dnsrr'])),
      Ports: optional(
        z.array(
          z.looseObject({
            TargetPort: z.number().int().min(1).max(65535),
            PublishedPort: optional(z.number().int().min(0).max(65535)),
            Protocol: optional(z.enum(['tcp', 'udp', 'sctp'])),
            PublishMode: optional(z.enum(['ingress', 'host'])),
          }),
        ),
      ),
    }),
  ),
});

/**
 * A service as asked for, with the names in it turned into ids. Errors say what is wrong, in Docker's words where it has
 * some.
 * @param service the one that is changed
 */
export function parseServiceSpec(body: unknown, view: ClusterView, service?: Service): ServiceSpec {
  const asked = parseBody(shape, body);
  const spec = { ...asked, Name: asked.Name || service?.spec.Name || randomName() } as unknown as ServiceSpec;
  if (spec.Name.length > 63 || !NAME.test(spec.Name)) {
    throw invalid(
      `rpc error: code = InvalidArgument desc = name must be valid as a DNS name component: ${JSON.stringify(spec.Name)}`,
    );
  }
  taskTraffic(spec);
  checkCarriedOut(spec, view.list('node'));
  for (const constraint of spec.TaskTemplate.Placement?.Constraints ?? []) parseConstraint(constraint);
  checkPorts(spec, view);
  const attached = whatItUses(spec, view);
  checkNodeNetwork(spec, attached);
  checkTargets(spec);
  checkPlaceholders(spec);
  const { Networks: _older, ...rest } = spec;
  const parsed = {
    ...rest,
    Mode: counted(spec.Mode ?? {}),
    TaskTemplate: { ...spec.TaskTemplate, Networks: attached },
  };
  checkStaticAddresses(parsed, service, view);
  return parsed;
}

/**
 * The networks, secrets and configs of a spec are there, also when the spec was taken before: what only a previous one uses
 * may have been removed.
 * @returns its networks, by their ids
 */
export function whatItUses(spec: ServiceSpec, view: ClusterView): NetworkAttachment[] {
  const attached = networksOf(spec).map((at) => {
    const own = nodeNetworkNamed(at.Target);
    if (own) return { ...at, Target: own };
    const { value: network } = find(view, 'network', at.Target, ({ name }) => name);
    if (network.ingress) {
      throw invalid(
        `rpc error: code = InvalidArgument desc = Service cannot be explicitly attached to the ingress network "${network.name}"`,
      );
    }
    return { ...at, Target: network.id };
  });
  for (const use of spec.TaskTemplate.ContainerSpec?.Secrets ?? [])
    mustExist(view, 'secret', use.SecretID, use.SecretName);
  for (const use of spec.TaskTemplate.ContainerSpec?.Configs ?? [])
    mustExist(view, 'config', use.ConfigID, use.ConfigName);
  return attached;
}

/** With the numbers that nobody has said: the docker CLI takes a service without them for one of no known mode. */
function counted(mode: ServiceMode): ServiceMode {
  if (mode.Global || mode.GlobalJob) return mode;
  if (!mode.ReplicatedJob) return { Replicated: { ...mode.Replicated, Replicas: mode.Replicated?.Replicas ?? 1 } };
  const { most, total } = concurrencyOf(mode.ReplicatedJob);
  return { ReplicatedJob: { ...mode.ReplicatedJob, MaxConcurrent: most, TotalCompletions: total } };
}

function checkPorts(spec: ServiceSpec, view: ClusterView): void {
  const refuse = (what: string) => invalid(`rpc error: code = InvalidArgument desc = EndpointSpec: ${what}`);
  const seen = new Set<string>();
  for (const port of spec.EndpointSpec?.Ports ?? []) {
    if (spec.EndpointSpec?.Mode === 'dnsrr' && isIngress(port)) {
      throw refuse("port published with ingress mode can't be used with dnsrr mode");
    }
    const published = `${port.Protocol ?? 'tcp'} ${port.PublishedPort}`;
    if (port.PublishedPort && seen.has(published)) throw refuse('duplicate published ports provided');
    seen.add(published);
  }
  if (usesIngress(spec) && !ingressNetwork(view)) {
    throw invalid(`rpc error: code = FailedPrecondition desc = ${NO_INGRESS}`);
  }
}

function mustExist(view: ClusterView, kind: 'secret' | 'config', id: string, name: string): void {
  if (!view.get(kind, id)) throw notFound(`${kind} not found: ${name || id}`);
}
