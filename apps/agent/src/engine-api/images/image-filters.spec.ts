import { describe, expect, it } from 'vitest';
import { Filters } from '#lib/http';
import { filteredImages, IMAGE_FILTERS } from './image-filters.js';
import { listedImage } from './views.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const image = (id: string, age: number, RepoTags: string[] | null, Labels: Record<string, string> | null = null) =>
  listedImage({ Id: id.repeat(64), RepoTags, Created: NOW / 1000 - age, Size: 1, Labels });

const images = [
  image('a', 10, ['docker.io/library/web:1', 'docker.io/library/web:2']),
  image('b', 100, ['reg:5000/team/db:1'], { tier: 'data' }),
  image('c', 1000, null),
  image('d', 2000, ['<none>:<none>']),
];

const chosen = (filters: Record<string, string[]>) =>
  filteredImages(images, Filters.parse(JSON.stringify(filters), IMAGE_FILTERS), NOW).map(({ Id, RepoTags }) =>
    `${Id.slice(7, 8)} ${RepoTags.join(' ')}`.trim(),
  );

describe('filters of images', () => {
  it.each([
    [{}, ['a web:1 web:2', 'b reg:5000/team/db:1', 'c', 'd']],
    [{ dangling: ['true'] }, ['c', 'd']],
    [{ dangling: ['0'] }, ['a web:1 web:2', 'b reg:5000/team/db:1']],
    [{ label: ['tier'] }, ['b reg:5000/team/db:1']],
    [{ label: ['tier=data', 'other'] }, []],
    [{ reference: ['web'] }, ['a web:1 web:2']],
    [{ reference: ['web:2'] }, ['a web:2']],
    [{ reference: ['w?b:[12]', '*/team/*'] }, ['b reg:5000/team/db:1']],
    [{ reference: ['*'] }, ['a web:1 web:2']],
    [{ before: ['web:1'] }, ['b reg:5000/team/db:1', 'c', 'd']],
    [{ since: ['cccc'] }, ['a web:1 web:2', 'b reg:5000/team/db:1']],
    [{ until: ['5m'] }, ['c', 'd']],
  ])('%j', (filters, names) => {
    expect(chosen(filters as Record<string, string[]>)).toEqual(names);
  });

  it('misses the image that it is to compare with', () => {
    expect(() => chosen({ before: ['absent'] })).toThrow('No such image: absent');
  });
});
