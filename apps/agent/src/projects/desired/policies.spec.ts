import { describe, expect, it } from 'vitest';
import { loadProject } from '#lib/compose';
import { restartOf } from './policies.js';

async function restartOfText(service: string) {
  const reader = { readFile: async () => `services: {web: {image: x, ${service}}}`, exists: async () => true };
  const { project } = await loadProject({ files: ['/app/compose.yaml'], cwd: '/app', env: {}, envFiles: [], reader });
  return restartOf(project.services.web!);
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
    expect(await restartOfText(service)).toEqual({ name, maxRetries });
  });
});
