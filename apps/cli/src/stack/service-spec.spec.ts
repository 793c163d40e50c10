import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProject, type Project } from '#lib/compose';
import { checkForSwarm } from './refuse.js';
import { serviceSpecOf } from './service-spec.js';

async function projectOf(text: string): Promise<Project> {
  const path = join('/work', 'compose.yaml');
  const reader = {
    readFile: async (asked: string) => (asked === path ? text : Promise.reject(new Error('no such file'))),
    exists: async (asked: string) => asked === path,
  };
  const { project } = await loadProject({ files: [path], cwd: '/work', projectName: 'shop', env: {}, reader });
  return project;
}

const ids = { secrets: new Map([['shop_key', 'secret-id']]), configs: new Map([['motd', 'config-id']]) };

async function specOf(service: string) {
  const project = await projectOf(`
services:
  web:
    image: web:1
${service.replace(/^/gm, '    ')}
networks: {net: {}, shared: {external: true, name: common}, hostnet: {external: true, name: host}}
secrets: {key: {file: ./key}}
configs: {motd: {external: true}}
volumes: {data: {driver_opts: {type: tmpfs}}}
`);
  return serviceSpecOf(project, 'web', ids);
}

describe('a service of a Compose file', () => {
  it('is called after the stack, and labelled as Docker labels it', async () => {
    expect(await specOf('labels: {a: b}\ndeploy: {labels: {c: d}}')).toMatchObject({
      Name: 'shop_web',
      Labels: { c: 'd', 'com.docker.stack.namespace': 'shop', 'com.docker.stack.image': 'web:1' },
      TaskTemplate: { ContainerSpec: { Labels: { a: 'b', 'com.docker.stack.namespace': 'shop' } } },
    });
  });

  it.each([
    ['deploy: {replicas: 3}', { Mode: { Replicated: { Replicas: 3 } } }],
    ['scale: 2', { Mode: { Replicated: { Replicas: 2 } } }],
    ['deploy: {mode: global}', { Mode: { Global: {} } }],
    [
      'deploy: {mode: replicated-job, replicas: 4}',
      { Mode: { ReplicatedJob: { MaxConcurrent: 4, TotalCompletions: 4 } } },
    ],
    ['deploy: {mode: global-job}', { Mode: { GlobalJob: {} } }],
    ['deploy: {endpoint_mode: dnsrr}', { EndpointSpec: { Mode: 'dnsrr' } }],
    [
      'ports: ["8080:80", {target: 53, protocol: udp, mode: host, published: "5353"}]',
      {
        EndpointSpec: {
          Ports: [
            { TargetPort: 80, PublishedPort: 8080, Protocol: 'tcp', PublishMode: 'ingress' },
            { TargetPort: 53, PublishedPort: 5353, Protocol: 'udp', PublishMode: 'host' },
          ],
        },
      },
    ],
    [
      'deploy: {update_config: {parallelism: 0, delay: 1m30s, failure_action: rollback, order: start-first, max_failure_ratio: 0.1}, rollback_config: {monitor: 5s}}',
      {
        UpdateConfig: {
          Parallelism: 0,
          Delay: 90e9,
          FailureAction: 'rollback',
          Order: 'start-first',
          MaxFailureRatio: 0.1,
        },
        RollbackConfig: { Parallelism: 1, Monitor: 5e9 },
      },
    ],
  ])('%s', async (text, expected) => expect(await specOf(text)).toMatchObject(expected));

  it.each([
    ['restart: "no"', { RestartPolicy: { Condition: 'none' } }],
    ['restart: on-failure:3', { RestartPolicy: { Condition: 'on-failure', MaxAttempts: 3 } }],
    ['restart: unless-stopped', { RestartPolicy: { Condition: 'any' } }],
    ['deploy: {restart_policy: {condition: no}}', { RestartPolicy: { Condition: 'none' } }],
    ['deploy: {restart_policy: {condition: always}}', { RestartPolicy: { Condition: 'any' } }],
    ['deploy: {restart_policy: {condition: unless-stopped}}', { RestartPolicy: { Condition: 'any' } }],
    [
      'restart: "no"\ndeploy: {restart_policy: {condition: any, delay: 2s, max_attempts: 5, window: 1m}}',
      { RestartPolicy: { Condition: 'any', Delay: 2e9, MaxAttempts: 5, Window: 60e9 } },
    ],
    [
      'deploy: {resources: {limits: {cpus: "0.5", memory: 50M, pids: 9}, reservations: {memory: 20M}}}',
      {
        Resources: {
          Limits: { NanoCPUs: 5e8, MemoryBytes: 52_428_800, Pids: 9 },
          Reservations: { MemoryBytes: 20_971_520 },
        },
      },
    ],
    [
      'deploy: {placement: {constraints: [node.role==worker], preferences: [{spread: node.labels.zone}], max_replicas_per_node: 2}}',
      {
        Placement: {
          Constraints: ['node.role==worker'],
          Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.zone' } }],
          MaxReplicas: 2,
        },
      },
    ],
    [
      'networks: {net: {aliases: [www], ipv4_address: 10.5.0.9}, shared: {driver_opts: {a: b}}}',
      {
        Networks: [
          { Target: 'shop_net', Aliases: ['www', 'web'], DriverOpts: { 'skep.ipv4_address': '10.5.0.9' } },
          { Target: 'common', Aliases: ['web'], DriverOpts: { a: 'b' } },
        ],
      },
    ],
    ['command: run', { Networks: [{ Target: 'shop_default', Aliases: ['web'] }] }],
    ['networks: [hostnet]', { Networks: [{ Target: 'host', Aliases: [] }] }],
    ['logging: {driver: json-file, options: {max-size: 1m}}', { LogDriver: { Name: 'json-file' } }],
  ])('its tasks: %s', async (text, expected) => expect((await specOf(text)).TaskTemplate).toMatchObject(expected));

  it.each([
    ['command: [a, b]\nentrypoint: [c]', { Command: ['c'], Args: ['a', 'b'] }],
    ['environment: {B: "2", A: "1"}', { Env: ['A=1', 'B=2'] }],
    ['stop_grace_period: 1m', { StopGracePeriod: 60e9 }],
    ['oom_score_adj: -500', { OomScoreAdj: -500 }],
    ['extra_hosts: ["db:10.0.0.1"]', { Hosts: ['10.0.0.1 db'] }],
    ['dns: [10.0.0.2]', { DNSConfig: { Nameservers: ['10.0.0.2'] } }],
    [
      'healthcheck: {test: "true", interval: 5s, start_interval: 1s, retries: 2}',
      { Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 5e9, StartInterval: 1e9, Retries: 2 } },
    ],
    ['healthcheck: {disable: true}', { Healthcheck: { Test: ['NONE'] } }],
    [
      'secrets: [{source: key, target: k, uid: "7", mode: 0400}]',
      {
        Secrets: [{ SecretID: 'secret-id', SecretName: 'shop_key', File: { Name: 'k', UID: '7', Mode: 0o400 } }],
      },
    ],
    [
      'configs: [motd]',
      { Configs: [{ ConfigID: 'config-id', ConfigName: 'motd', File: { Name: '/motd', GID: '0', Mode: 0o444 } }] },
    ],
    [
      'volumes: ["data:/data", {type: bind, source: /srv, target: /srv, read_only: true}, {type: tmpfs, target: /t, tmpfs: {size: 1M}}]\ntmpfs: [/tmp, "/run:size=64m,mode=1777"]',
      {
        Mounts: [
          {
            Type: 'volume',
            Source: 'shop_data',
            Target: '/data',
            VolumeOptions: { DriverConfig: { Name: 'local', Options: { type: 'tmpfs' } } },
          },
          { Type: 'bind', Source: '/srv', Target: '/srv', ReadOnly: true },
          { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1_048_576 } },
          { Type: 'tmpfs', Target: '/tmp' },
          { Type: 'tmpfs', Target: '/run', TmpfsOptions: { SizeBytes: 67_108_864, Mode: 0o1777 } },
        ],
      },
    ],
  ])('its containers: %s', async (text, expected) =>
    expect((await specOf(text)).TaskTemplate.ContainerSpec).toMatchObject(expected),
  );

  it('publishes one port, and not one of a range', async () => {
    await expect(specOf('ports: ["8080-8090:80"]')).rejects.toThrow('published is the range 8080-8090');
  });
});

describe('what a swarm cannot run', () => {
  it.each([
    ['a: {build: .}', /services\.a has no image/],
    ['a: {image: x, network_mode: host}', /services\.a has network_mode/],
    ['a: {image: x, ports: ["127.0.0.1:80:80"]}', /services\.a publishes a port on one address/],
    [
      'a: {image: x, configs: [c]}\nconfigs: {c: {file: ./c, template_driver: golang}}',
      /configs\.c\.template_driver is not possible in a swarm: give the content/,
    ],
    ['a: {image: x, tmpfs: ["/t:noexec"]}', /services\.a has options of tmpfs/],
    [
      'a: {image: x, volumes: [{type: volume, source: v, target: /v, volume: {subpath: s}}]}\nvolumes: {v: {}}',
      /services\.a\.volumes\[0\]\.volume\.subpath is not possible in a swarm: a volume is mounted whole/,
    ],
    ['a: {image: x, networks: [n]}\nnetworks: {n: {driver: nat}}', /networks\.n has driver nat/],
  ])('is refused: %s', async (text, why) => {
    const [service, ...rest] = text.split('\n');
    const project = await projectOf(`services:\n  ${service}\n${rest.join('\n')}`);
    expect(() => checkForSwarm(project)).toThrow(why);
  });

  it('or is left out, and named', async () => {
    const project = await projectOf(
      'services: {a: {image: x, privileged: true, x-mine: 1, networks: {n: {mac_address: "02:00:00:00:00:01"}}}}\nnetworks: {n: {}}',
    );
    const say = (what: string) => `services.a.${what}: services of a swarm have no such thing; it is left out`;
    expect(checkForSwarm(project)).toEqual([say('privileged'), say('networks.n.mac_address')]);
  });
});
