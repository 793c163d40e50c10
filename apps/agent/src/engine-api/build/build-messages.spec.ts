import { describe, expect, it } from 'vitest';
import type { Message } from '../images/messages.js';
import { buildMessages } from './build-messages.js';

async function* told(...messages: Message[]) {
  yield* messages;
}

async function lines(engine: AsyncIterable<Message>, quiet = false): Promise<Message[]> {
  const all: Message[] = [];
  for await (const message of buildMessages(engine, quiet)) all.push(message);
  return all;
}

const ID = 'c04ba7cfa0b7'.padEnd(64, '0');
const podman = [
  '[1/2] STEP 1/2: FROM demo:1 AS base\n',
  'Resolving %!q(<nil>) to docker.io (enforced by caller)\n',
  '[1/2] STEP 2/2: RUN echo STEP 1/2:\n',
  'hello\n',
  `--> Using cache ${'f307bba07d89'.padEnd(64, '0')}\n`,
  '--> f307bba07d8\n',
  '[2/2] COMMIT docker.io/library/built:1\n',
  'Successfully tagged docker.io/library/built:1\n',
  `${ID}\n`,
].map((stream) => ({ stream }));
const end = [{ aux: { ID: `sha256:${ID}` } }, { stream: 'Successfully built c04ba7cfa0b7\n' }];

describe('a build', () => {
  it("is told in the classic builder's words", async () => {
    expect(await lines(told(...podman, ...end))).toEqual([
      { stream: 'Step 1/2 : FROM demo:1 AS base\n' },
      { stream: 'Step 2/2 : RUN echo STEP 1/2:\n' },
      { stream: 'hello\n' },
      { stream: ' ---> Using cache\n' },
      { stream: ' ---> f307bba07d8\n' },
      ...end,
    ]);
  });

  it('tells the id alone when it is to be quiet', async () => {
    const stage = { aux: { ID: `sha256:${'1'.repeat(64)}` } };
    expect(await lines(told(stage, ...podman, ...end), true)).toEqual([{ stream: `sha256:${ID}\n` }]);
  });

  it('tells what it said when it fails after all, also where it is to be quiet', async () => {
    const failed = told(...podman.slice(0, 4), {
      error: 'building at STEP "RUN exit 7": while running runtime: exit status 7',
    });
    const message = "The command '/bin/sh -c exit 7' returned a non-zero code: 7";
    expect(await lines(failed, true)).toEqual([
      { stream: 'Step 1/2 : FROM demo:1 AS base\n' },
      { stream: 'Step 2/2 : RUN echo STEP 1/2:\n' },
      { stream: 'hello\n' },
      { errorDetail: { code: 7, message }, error: message },
    ]);
    await expect(lines(told({ error: 'no contents in "/d/build/Dockerfile"' }), true)).rejects.toThrow(
      'cannot be empty',
    );
  });

  it('ends with the code of the command that failed', async () => {
    const error = 'building at STEP "RUN exit 7": while running runtime: exit status 7\n';
    const message = "The command '/bin/sh -c exit 7' returned a non-zero code: 7";
    expect((await lines(told(podman[0]!, { error }))).at(-1)).toEqual({
      errorDetail: { code: 7, message },
      error: message,
    });
  });

  it.each([
    [
      'building at STEP "COPY nofile /x": checking on sources under "/d/build": copier: stat: "/nofile": no such file or directory',
      'COPY failed: file not found in build context or excluded by .dockerignore: stat nofile: file does not exist',
    ],
    [
      'building at STEP "FOO ": Build error: Unknown instruction: "FOO" &imagebuilder.Step{…}',
      'dockerfile parse error: unknown instruction: FOO',
    ],
    ['no contents in "/d/libpod_builder1/build/Dockerfile"', 'the Dockerfile (Dockerfile) cannot be empty'],
    ['The target "nope" was not found in the provided Dockerfile', 'failed to reach build target nope in Dockerfile'],
    [
      'building at STEP "ADD https://x /x": reading "https://x": Get "https://x": dial tcp: no such host',
      'ADD failed: Get "https://x": dial tcp: no such host',
    ],
  ])("says in Docker's words: %s", async (error, words) => {
    await expect(lines(told({ error }))).rejects.toThrow(words);
  });

  it('is refused when it cannot begin', async () => {
    const error = 'stat /data/tmp/libpod_builder30/build/Other: no such file or directory\n';
    await expect(lines(told({ error }))).rejects.toMatchObject({
      code: 'invalid',
      message: 'Cannot locate specified Dockerfile: Other',
    });
  });
});
