// Made-up desired and observed states for the tests of this library.
import {
  endpointKey,
  NodeNames,
  sandboxDigest,
  type Container,
  type ContainerStatus,
  type Network,
  type Observed,
  type ObservedContainer,
  type Volume,
} from '#lib/domain';
import type { Desired } from '../desired.js';
import type { Plan } from '../steps.js';

export const names = new NodeNames('ab'.repeat(32));
export const NOW = Date.parse('2026-01-01T00:00:00Z');

export function network(name: string, over: Partial<Network> = {}): Network {
  const id = `${name}-id`.padEnd(64, '0');
  return {
    id,
    name,
    driver: 'nat',
    pools: [{ subnet: '172.31.0.0/20', gateway: '172.31.0.1' }],
    internal: false,
    attachable: false,
    enableIPv4: true,
    enableIPv6: false,
    options: {},
    labels: {},
    linkName: names.bridge(id),
    createdAt: '',
    target: 'present',
    ...over,
  };
}

export function container(service: string, on: Network[], over: Partial<Container> = {}): Container {
  return {
    id: `${service}-${over.number ?? 1}`.padEnd(64, 'f'),
    name: `p-${service}-${over.number ?? 1}`,
    project: 'p',
    service,
    number: 1,
    spec: { Image: 'demo' },
    specHash: 'h1',
    networkMode: 'bridged',
    endpoints: on.map((each, index) => ({
      networkId: each.id,
      ifName: `eth${index}`,
      ipv4: `172.31.0.${service.length + index + 2}`,
      mac: '02:00:00:00:00:01',
      aliases: [],
      links: {},
      gwPriority: 0,
      priority: 0,
    })),
    ports: [],
    dns: { servers: [], search: [], options: [], extraHosts: [] },
    files: [],
    restart: { name: 'no', maxRetries: 0 },
    dependsOn: [],
    pullPolicy: 'missing',
    target: 'running',
    stopGraceSeconds: 10,
    createdAt: '',
    ...over,
  };
}

export function volume(name: string, over: Partial<Volume> = {}): Volume {
  return { name, project: 'p', driver: 'local', options: {}, labels: {}, createdAt: '', target: 'present', ...over };
}

export function desired(over: Partial<Desired> = {}): Desired {
  return {
    names,
    networks: [],
    containers: [],
    volumes: [],
    translations: new Map(),
    statuses: new Map(),
    now: NOW,
    ...over,
  };
}

export function observed(over: Partial<Observed> = {}): Observed {
  return {
    networks: new Set(),
    endpoints: new Set(),
    inside: new Set(),
    links: [],
    netns: new Set(),
    sandboxes: new Map(),
    containers: new Map(),
    volumes: new Set(),
    translations: new Map(),
    rulesCurrent: true,
    resolving: new Set(),
    ...over,
  };
}

/** The world in which everything desired is there and runs. */
export function settled(of: Desired, states: Record<string, Partial<ObservedContainer>> = {}): Observed {
  const keys = of.containers.flatMap((each) => each.endpoints.map((at) => endpointKey(each.id, at.networkId)));
  return observed({
    networks: new Set(of.networks.map((each) => each.id)),
    endpoints: new Set(keys),
    inside: new Set(keys),
    links: [
      ...of.networks.map((each) => each.linkName),
      ...of.containers.flatMap((each) => each.endpoints.map((at) => names.veth(each.id, at.networkId))),
    ],
    netns: new Set(of.containers.map((each) => names.netns(each.id))),
    sandboxes: new Map(of.containers.map((each) => [each.id, sandboxDigest(each)])),
    resolving: new Set(of.containers.map((each) => each.id)),
    containers: new Map(
      of.containers.map((each): [string, ObservedContainer] => [
        each.id,
        {
          engineId: `engine-${each.id}`,
          id: each.id,
          name: each.name,
          state: 'running',
          pid: 7,
          exitCode: 0,
          specHash: each.specHash,
          image: 'demo',
          imageId: 'sha256:1',
          labels: {},
          argv: [],
          mounts: [],
          startedAt: '2025-12-31T23:00:00Z',
          finishedAt: '',
          ...states[each.service ?? ''],
        },
      ]),
    ),
    volumes: new Set(of.volumes.map((each) => each.name)),
    translations: of.translations,
  });
}

export const statusesOf = (...all: ContainerStatus[]) => new Map(all.map((status) => [status.containerId, status]));
export const kinds = (of: Plan) => of.steps.map((step) => step.kind).sort();
export const find = (of: Plan, kind: string, id?: string) =>
  of.steps.find((step) => step.kind === kind && (id === undefined || step.id.endsWith(id)));
