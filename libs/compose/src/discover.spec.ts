import { describe, expect, it } from 'vitest';
import { findComposeFiles } from './discover.js';
import { loadProject } from './load.js';
import { memoryFiles, refusal } from './testing/memory.js';

describe('findComposeFiles', () => {
  it('prefers compose.yaml and takes the override beside it', async () => {
    const reader = memoryFiles({ '/a/docker-compose.yml': '', '/a/compose.yaml': '', '/a/compose.override.yaml': '' });
    expect(await findComposeFiles('/a', reader)).toEqual(['/a/compose.yaml', '/a/compose.override.yaml']);
  });

  it('looks in the directories above', async () => {
    expect(await findComposeFiles('/a/b/c', memoryFiles({ '/a/compose.yml': '' }))).toEqual(['/a/compose.yml']);
  });

  it('says what it looked for', async () => {
    const [message] = await refusal(() => findComposeFiles('/a', memoryFiles({})));
    expect(message).toBe(
      'no Compose file in /a or above it; looked for compose.yaml, compose.yml, docker-compose.yml, docker-compose.yaml',
    );
  });
});

describe('loading without files', () => {
  const model = (image: string) => `services: {a: {image: ${image}}}`;

  it('follows COMPOSE_FILE, also that of .env', async () => {
    const reader = memoryFiles({
      '/a/.env': 'COMPOSE_FILE=one.yaml:two.yaml\n',
      '/a/one.yaml': model('one'),
      '/a/two.yaml': model('two'),
      '/a/compose.yaml': model('standard'),
    });
    const { files, project } = await loadProject({ files: [], cwd: '/a', env: {}, reader });
    expect(files).toEqual(['/a/one.yaml', '/a/two.yaml']);
    expect(project.services.a!.image).toBe('two');
  });

  it('says which file is missing', async () => {
    const load = () => loadProject({ files: ['gone.yaml'], cwd: '/a', env: {}, reader: memoryFiles({}) });
    expect(await refusal(load)).toEqual(['no such Compose file: gone.yaml']);
  });
});
