import { describe, expect, it } from 'vitest';
import { load, refusal } from './testing/memory.js';
import { toYaml } from './to-yaml.js';

/** One of every construct that a print could spoil. */
const TEXT = `
name: p
services:
  web:
    image: x:1
    command: sh -c "echo $$HOME $$$$"
    environment: {A: "1", B: "yes", C: "0x10", D: "~", E: "a: b", F: "", G: , H: "10:20", "1": one, I: "line\\nline\\n"}
    env_file: a.env
    ports: ["80:80", "127.0.0.1:90-91:90-91/udp", "7000-7005:7000"]
    volumes: ["v:/v", "./src:/src:ro", {type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 01777}}]
    networks: {n: {ipv4_address: 10.9.0.5, aliases: [w]}}
    depends_on: {db: {condition: service_healthy, restart: true}}
    healthcheck: {test: curl localhost, interval: 90s, retries: 2}
    ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}
    secrets: [s]
    configs: [{source: c, target: /c, mode: 0440}]
    deploy: {replicas: 1, resources: {limits: {cpus: "0.5", memory: 50M}, reservations: {memory: 20M}}, update_config: {delay: 10s}}
    extra_hosts: {h: [1.1.1.1, "::1"]}
    stop_grace_period: 1m
    x-own: {deep: [1, "2"]}
  db: {image: y, network_mode: none, shm_size: 64m, memswap_limit: -1, group_add: [5]}
networks: {n: {ipam: {config: [{subnet: 10.9.0.0/24}]}, driver_opts: {o: 1}}}
volumes: {v: }
secrets: {s: {environment: SECRET}}
configs: {c: {content: "a: $$x\\n"}}
x-top: 1
`;

/** What is not yet known without its variables, as it is printed where they stay. */
const AS_WRITTEN = `name: p
services:
  a:
    command: sh -c "echo \${A:-b c} $$HOME"
    deploy:
      replicas: \${N:-2}
      resources:
        limits:
          memory: \${MEM}
    devices:
      - \${DEV:-/dev/null}:/dev/x
    env_file:
      - path: \${ENV_FILE:-a.env}
    environment:
      B: \${B}
      C: "5"
    extra_hosts:
      - \${HOST:-h}:1.1.1.1
      - g=1.1.1.2
    healthcheck:
      interval: \${EVERY:-5s}
      test:
        - CMD-SHELL
        - test $$X
    image: nginx:\${TAG}
    init: \${INIT}
    networks:
      \${NET}: null
    ports:
      - \${PORT:-80}:80
      - mode: ingress
        protocol: tcp
        published: "81"
        target: 81
    restart: \${RESTART:-always}
    volumes:
      - \${DATA:-./data}:/data
      - bind: {}
        source: /app/\${X}
        target: /x
        type: bind
`;

describe('toYaml', () => {
  it('gives a file that loads as the same project and prints the same', async () => {
    const first = await load({ 'compose.yaml': TEXT, 'a.env': 'FROM_FILE=$$5 ${A}\n' }, { env: { G: 'g$1' } });
    const printed = toYaml(first.project);
    const second = await load(printed, { env: { G: 'g$1' } });
    expect(JSON.parse(JSON.stringify(second.project))).toEqual(JSON.parse(JSON.stringify(first.project)));
    expect(toYaml(second.project)).toBe(printed);
    expect(second.warnings).toEqual([]);
  });

  it('leaves variables, and what they leave open, where they were not replaced', async () => {
    const asWritten = { skipInterpolation: true, skipResolveEnvironment: true, skipConsistency: true };
    const short = AS_WRITTEN.replace(/^ +- mode: ingress\n.*\n.*\n.*$/m, '      - 81:81')
      .replace(/environment:\n.*\n.*$/m, 'environment: ["B=${B}", C=5]')
      .replace(/networks:\n.*$/m, 'networks: ["${NET}"]')
      .replace('test:\n        - CMD-SHELL\n        - test', 'test: test')
      .replace('g=1.1.1.2', 'g:1.1.1.2');
    const first = await load(short, asWritten);
    expect(toYaml(first.project, { asWritten: true })).toBe(AS_WRITTEN);
    const second = await load(AS_WRITTEN, asWritten);
    expect(toYaml(second.project, { asWritten: true })).toBe(AS_WRITTEN);
  });

  it('refuses without variables what it refuses with them', async () => {
    const [message] = await refusal(() =>
      load('services: {a: {image: $X, init: maybe, ports: ["x:y"]}}', { skipInterpolation: true }),
    );
    expect(message).toContain('Invalid containerPort: y');
  });

  it('doubles dollars, quotes what would be read as another type, and leaves out empty sections', async () => {
    const { project } = await load(
      'name: p\nservices: {a: {image: x, network_mode: none, environment: {D: "$$5", N: "0440"}}}',
    );
    expect(toYaml(project)).toBe(
      'name: p\nservices:\n  a:\n    environment:\n      D: $$5\n      N: "0440"\n    image: x\n    network_mode: none\n',
    );
  });
});
