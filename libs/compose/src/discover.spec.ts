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

  it('reads the .env that names a file elsewhere before the one beside that file, and the environment before both', async () => {
    const reader = memoryFiles({
      '/a/.env': 'COMPOSE_FILE=docker/compose.yml\nCOMPOSE_PROJECT_NAME=shop\nTAG=1.27\nUSER_ID=1\n',
      '/a/docker/.env': 'COMPOSE_PROJECT_NAME=other\nTAG=2\nUSER_ID=2\nHOST=web-${TAG}\n',
      '/a/docker/compose.yml': 'services: {a: {image: "nginx:${TAG}", user: "${USER_ID}", hostname: "${HOST}"}}',
    });
    const { project, projectDirectory } = await loadProject({ files: [], cwd: '/a', env: { USER_ID: '3' }, reader });
    expect(projectDirectory).toBe('/a/docker');
    expect(project.name).toBe('shop');
    expect(project.services.a).toMatchObject({ image: 'nginx:1.27', user: '3', hostname: 'web-1.27' });
  });

  it('reads the .env of the current directory also where the file is in one above', async () => {
    const reader = memoryFiles({ '/a/b/.env': 'TAG=b\n', '/a/.env': 'TAG=a\n', '/a/compose.yaml': model('x:$TAG') });
    const { project } = await loadProject({ files: [], cwd: '/a/b', env: {}, reader });
    expect(project.services.a!.image).toBe('x:b');
  });

  it('reads only the .env beside a file that the caller names', async () => {
    const reader = memoryFiles({ '/a/.env': 'TAG=a\n', '/a/b/.env': 'TAG=b\n', '/a/b/x.yaml': model('x:$TAG') });
    const { project } = await loadProject({ files: ['b/x.yaml'], cwd: '/a', env: {}, reader });
    expect(project.services.a!.image).toBe('x:b');
  });

  it('splits COMPOSE_FILE where the COMPOSE_PATH_SEPARATOR of .env says', async () => {
    const reader = memoryFiles({
      '/a/.env': 'COMPOSE_PATH_SEPARATOR=;\nCOMPOSE_FILE=one.yaml;two.yaml\n',
      '/a/one.yaml': model('one'),
      '/a/two.yaml': model('two'),
    });
    const { files } = await loadProject({ files: [], cwd: '/a', env: {}, reader });
    expect(files).toEqual(['/a/one.yaml', '/a/two.yaml']);
  });

  it('says which file is missing', async () => {
    const load = () => loadProject({ files: ['gone.yaml'], cwd: '/a', env: {}, reader: memoryFiles({}) });
    expect(await refusal(load)).toEqual(['no such Compose file: gone.yaml']);
  });
});
