import { expect, it } from 'vitest';
import { commitRequest, type CommitFacts } from './commit-request.js';

const facts: CommitFacts = { environment: ['FOO=bar', 'PATH=/bin'], healthcheck: { Test: ['CMD', 'true'] } };
const query = {
  container: undefined,
  repo: undefined,
  tag: undefined,
  comment: undefined,
  author: undefined,
  pause: undefined,
};

it('takes from the body what an image can have, and the health check of the container where it names none', () => {
  const body = { Cmd: ['q'], Hostname: 'h', Labels: {}, Shell: ['/bin/ash'], Healthcheck: { Interval: 5 } };
  expect(commitRequest({ ...query, repo: 'im/a', pause: '0' }, body, facts)).toEqual({
    repository: 'im/a',
    tag: 'latest',
    comment: undefined,
    author: undefined,
    pause: false,
    config: { Cmd: ['q'], Shell: ['/bin/ash'], Healthcheck: { Test: ['CMD', 'true'] } },
    changes: [],
    environment: ['FOO', 'PATH'],
  });
  const own = { Healthcheck: { Test: ['NONE'] } };
  expect(commitRequest(query, own, facts).config.Healthcheck).toMatchObject({ Test: ['NONE'] });
});

it('knows which variables the image is to have', () => {
  const changes = ['ENV A=1 B=2\nENV C 3', 'CMD ["x"]'];
  const request = commitRequest({ ...query, changes }, { Env: ['D=4'] }, facts);
  expect(request.environment).toEqual(['FOO', 'PATH', 'D', 'A', 'B', 'C']);
  expect(request.changes).toEqual(['ENV A=1 B=2', 'ENV C 3', 'CMD ["x"]']);
});

it('refuses what Docker takes for no change', () => {
  for (const changes of ['SHELL ["/bin/ash"]', 'run rm -rf /', 'CMD ["x"]\nRUN x']) {
    expect(() => commitRequest({ ...query, changes }, {}, facts)).toThrow(/^(shell|run) is not a valid change command/);
  }
});
