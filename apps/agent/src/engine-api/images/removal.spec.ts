import { describe, expect, it } from 'vitest';
import { checkRemoval, removedImages } from './removal.js';

const ID = 'abcdef012345'.padEnd(64, '0');
const of = (...RepoTags: string[]) => ({ Id: ID, RepoTags, Size: 1 });
const stopped = { id: '1'.repeat(64), running: false };
const running = { id: '2'.repeat(64), running: true };

describe('removing an image', () => {
  it('has nothing against one that nobody uses', () => {
    expect(checkRemoval('web', of('docker.io/library/web:latest'), [], false)).toBe(false);
    expect(checkRemoval('abcdef', of('docker.io/library/web:latest'), [], false)).toBe(false);
  });

  it('takes one of several names, whoever uses the image', () => {
    expect(checkRemoval('web:1', of('docker.io/library/web:1', 'docker.io/library/web:2'), [running], false)).toBe(
      false,
    );
  });

  it.each([
    ['web', [stopped], 'unable to remove repository reference "web" (must force) - container 111111111111 is using'],
    ['abcdef', [stopped], 'unable to delete abcdef012345 (must be forced) - image is being used by stopped container'],
    ['abcdef', [stopped, running], '(cannot be forced) - image is being used by running container 222222222222'],
  ])('%s, used by %j: refuses', (name, users, words) => {
    expect(() => checkRemoval(name, of('docker.io/library/web:latest'), users, false)).toThrow(words);
  });

  it('refuses an id with several names, unless it is forced', () => {
    const image = of('docker.io/library/web:1', 'docker.io/library/web:2');
    expect(() => checkRemoval('abcdef', image, [], false)).toThrow('image is referenced in multiple repositories');
    expect(checkRemoval('abcdef', image, [], true)).toBe(false);
  });

  it('by force takes the names alone from containers', () => {
    expect(checkRemoval('web', of('docker.io/library/web:latest'), [running], true)).toBe(true);
    expect(checkRemoval('abcdef', of('docker.io/library/web:latest'), [stopped], true)).toBe(true);
    expect(() => checkRemoval('abcdef', of(), [running], true)).toThrow('cannot be forced');
  });

  it('tells names first', () => {
    expect(removedImages([{ Deleted: ID }, { Untagged: 'docker.io/library/web:1' }])).toEqual([
      { Untagged: 'web:1' },
      { Deleted: `sha256:${ID}` },
    ]);
  });
});
