import { expect, it } from 'vitest';
import { listedImage, withNone } from './views.js';

const image = { Id: 'a'.repeat(64), Created: 0, Size: 1 };

it('gives an image without a name the one that older clients show it by', () => {
  const nameless = listedImage({ ...image, RepoDigests: ['<none>@<none>'] });
  expect(nameless).toMatchObject({ RepoTags: [], RepoDigests: [] });
  expect(withNone(nameless)).toMatchObject({ RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] });
});

it.each([{ RepoTags: ['a:1'] }, { RepoDigests: [`a@sha256:${'b'.repeat(64)}`] }])('leaves %j as it is', (names) => {
  const named = listedImage({ ...image, ...names });
  expect(withNone(named)).toEqual(named);
});
