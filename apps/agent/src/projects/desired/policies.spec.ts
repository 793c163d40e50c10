import { describe, expect, it } from 'vitest';
import { loadProject } from '#lib/compose';
import { healthcheckOf, restartOf } from './policies.js';

async function serviceOf(service: string) {
  const reader = { readFile: async () => `services: {web: {image: x, ${service}}}`, exists: async () => true };
  const { project } = await loadProject({ files: ['/app/compose.yaml'], cwd: '/app', env: {}, envFiles: [], reader });
  return project.services.web!;
}

describe('when a container is started again', () => {
  it.each([
    ['tty: true', 'no', 0],
    ['restart: unless-stopped', 'unless-stopped', 0],
    ['restart: on-failure:3', 'on-failure', 3],
    ['deploy: {restart_policy: {condition: none}}', 'no', 0],
    ['deploy: {restart_policy: {condition: no}}', 'no', 0],
    ['deploy: {restart_policy: {condition: on-failure, max_attempts: 4}}', 'on-failure', 4],
    ['deploy: {restart_policy: {condition: any}}', 'always', 0],
    ['deploy: {restart_policy: {condition: always}}', 'always', 0],
    ['deploy: {restart_policy: {condition: unless-stopped}}', 'unless-stopped', 0],
    ['deploy: {restart_policy: {delay: 5s}}', 'always', 0],
    ['restart: always, deploy: {restart_policy: {condition: on-failure}}', 'on-failure', 0],
    ['restart: always, deploy: {replicas: 2}', 'always', 0],
  ])('%s', async (service, name, maxRetries) => {
    expect(restartOf(await serviceOf(service))).toEqual({ name, maxRetries });
  });
});

describe('a health check', () => {
  const image = {
    test: ['CMD', 'image'],
    intervalMs: 7_000,
    timeoutMs: 6_000,
    retries: 9,
    startPeriodMs: 2_000,
    startIntervalMs: 1_000,
  };
  const zeros = 'interval: 0s, timeout: 0s, retries: 0, start_period: 0s, start_interval: 0s';

  it('takes from the image, and else from Docker, what is 0', async () => {
    const service = await serviceOf(`healthcheck: {test: [CMD, own], ${zeros}}`);
    expect(healthcheckOf(service, image)).toEqual({ ...image, test: ['CMD', 'own'] });
    expect(healthcheckOf(service)).toEqual({
      test: ['CMD', 'own'],
      intervalMs: 30_000,
      timeoutMs: 30_000,
      retries: 3,
      startPeriodMs: 0,
      startIntervalMs: 5_000,
    });
  });

  it('is not made more often than a thousand times a second', async () => {
    const service = await serviceOf('healthcheck: {test: [CMD, own], interval: 1us}');
    expect(() => healthcheckOf(service)).toThrow('Interval in Healthcheck cannot be less than 1ms');
  });
});
