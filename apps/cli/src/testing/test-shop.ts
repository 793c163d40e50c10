import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { ContainerView } from '#lib/contracts';
import { run } from '../program.js';
import type { System } from '../system.js';
import type { TestNode } from './test-node.js';
import { testSystem } from './test-system.js';

const COMPOSE = `
name: shop
services:
  web:
    image: web:1
    depends_on: [db]
    secrets: [key]
  db:
    image: db:1
  shell:
    image: shell:1
    profiles: [debug]
secrets:
  key:
    environment: SHOP_KEY
`;

/** A folder of each test's own with the file of a project, `shop`, in which command lines are typed. */
export function useShop() {
  let cwd: string;
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'skep-run-'));
    writeFileSync(join(cwd, 'compose.yaml'), COMPOSE);
  });
  afterEach(() => rmSync(cwd, { recursive: true }));
  return {
    folder: () => cwd,
    /** Runs a command line against a node, as if typed there. */
    skep(node: TestNode | undefined, argv: string, overrides: Partial<System> = {}) {
      const host = node?.socketPath ?? '/nonexistent/docker.sock';
      const test = testSystem({ cwd, env: { SKEP_HOST: host, SHOP_KEY: 's3cret' }, ...overrides });
      const ended = run(argv.split(' '), test.system).then((code) => ({ code, ...test.written }));
      return { ...test, ended };
    },
  };
}

export function container(service: string, number: number, more: Partial<ContainerView> = {}): ContainerView {
  return {
    id: `${number}`.padStart(64, 'a'),
    name: `shop-${service}-${number}`,
    project: 'shop',
    service,
    number,
    image: `${service}:1`,
    command: 'sleep 1d',
    state: 'running',
    health: 'none',
    exitCode: 0,
    restartCount: 0,
    createdAt: new Date().toISOString(),
    startedAt: new Date().toISOString(),
    status: 'Up 5 seconds',
    ports: [{ hostIp: '0.0.0.0', hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
    networks: [],
    ...more,
  };
}
