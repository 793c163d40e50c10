import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { endState } from './harness/end-state.js';
import { containerPid, killPart, powerOff } from './harness/faults.js';
import { ENGINE } from './harness/node.js';
import { must } from './harness/process.js';
import { TestProject } from './harness/project.js';
import { useWorld } from './harness/world.js';

const fixture = (name: string) => new URL(`fixtures/${name}.yaml`, import.meta.url).pathname;

/** Numbers in [0, 1) that are the same in every run, so that a failure can be had again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

async function comesTo<T>(look: () => Promise<T>, expected: T, what = ''): Promise<void> {
  let seen: T | undefined;
  const wanted = JSON.stringify(expected);
  await waitFor(async () => JSON.stringify((seen = await look())) === wanted, { ms: 30_000, every: 200, what }).catch(
    () => expect(seen, what).toEqual(expected),
  );
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('kill -9', () => {
  const world = useWorld();
  let witness: TestProject;
  let witnessPid: number;
  let chain: TestProject;
  /** after an undisturbed down and up */
  let down: unknown;
  let up: unknown;

  beforeAll(async () => {
    witness = new TestProject(world.node, 'witness', [fixture('pair')]);
    chain = new TestProject(world.node, 'chain', [fixture('chain')]);
    await witness.up();
    witnessPid = await containerPid(world.node, (await witness.container('web')).id);
    down = await end();
    await chain.up('--wait');
    up = await end();
    await chain.down();
    await comesTo(end, down);
  }, 120_000);

  const end = () => endState(world.node);

  const ready = () =>
    waitFor(async () => (await world.node.info().catch(() => undefined))?.resolver === 'up', {
      ms: 20_000,
      every: 50,
      what: 'agent and resolver are back',
    });

  it('of the agent at 20 random moments of up and down: the end is what was asked for', async () => {
    const random = seeded(20_260_101);
    for (let round = 0; round < 20; round++) {
      const goingUp = round % 2 === 0;
      const underWay = goingUp ? chain.skep('up', '-d') : chain.skep('down', '-v');
      await pause(random() * 1200);
      await killPart(world.node, 'agent');
      await underWay;
      await ready();
      if (goingUp) {
        await chain.up();
        await comesTo(end, up, `round ${round}`);
        expect((await chain.lookup('client', 'web')).sort()).toEqual((await chain.addresses('web', 'default')).sort());
      } else {
        const again = await chain.skep('down', '-v');
        expect(again.code, `round ${round}: ${again.stderr}`).toBe(0);
        await comesTo(end, down, `round ${round}`);
      }
    }
    expect(await containerPid(world.node, (await witness.container('web')).id)).toBe(witnessPid);
    expect(await witness.lookup('client', 'web')).toEqual(await witness.addresses('web', 'default'));
  }, 600_000);

  // A Docker Engine is not skep's to start again: docker-engine.e2e-spec.ts has its end.
  it.skipIf(ENGINE === 'docker')(
    'of the engine’s service: containers run on, and the next project comes up',
    async () => {
      expect(await killPart(world.node, 'engine')).toBeDefined();
      expect(await containerPid(world.node, (await witness.container('web')).id)).toBe(witnessPid);
      await chain.up();
      await comesTo(end, up);
      await chain.down();
      await comesTo(end, down);
    },
    60_000,
  );
});

describe('change under questions', () => {
  const world = useWorld();

  it('answers every question during 50 scale-ups and scale-downs', async () => {
    const project = new TestProject(world.node, 'chain', [fixture('chain')]);
    await project.up();
    const { id } = await project.container('client');
    // One for all: a start for each question would be the work of a processor.
    const questions = ['@127.0.0.11', '+noall', '+comments', '+answer', '+tries=1', '+time=2', '-f', '-'];
    const dig = spawn('nsenter', [`--net=${world.node.sandboxPath(id)}`, 'dig', ...questions]);
    let text = '';
    dig.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    let asked = 0;
    const asking = setInterval(() => (dig.stdin.write('web A\n'), asked++), 10);
    for (let round = 0; round < 25; round++) {
      await project.up('--scale', 'web=4');
      await project.up('--scale', 'web=2');
    }
    clearInterval(asking);
    dig.stdin.end();
    await once(dig, 'close');
    const answers = text.split(/^;; Got answer:$/m).slice(1);
    expect(answers.filter((answer) => !answer.includes('status: NOERROR'))).toEqual([]);
    expect(answers.length).toBe(asked);
    expect(asked).toBeGreaterThan(500);
    await project.down();
  }, 400_000);
});

describe('a reboot', () => {
  const world = useWorld();

  it('brings everything back by itself', async () => {
    const before = await world.node.settled();
    const project = new TestProject(world.node, 'chain', [fixture('chain')]);
    await project.up('--wait');
    const running = await world.node.settled();
    const wanted = await endState(world.node);
    const addresses = await project.addresses('web', 'default');
    await powerOff(world.node);
    expect(await must('ip', ['netns', 'list'])).not.toContain(running.namespaces[0]);
    await world.node.start();
    await waitFor(async () => (await project.containers()).length === 5, {
      ms: 40_000,
      every: 200,
      what: 'five containers run again',
    });
    await comesTo(() => endState(world.node), wanted);
    const again = await world.node.settled();
    expect([again.links, again.addresses, again.rules]).toEqual([running.links, running.addresses, running.rules]);
    expect((await project.lookup('client', 'web')).sort()).toEqual(addresses.sort());
    await project.down();
    expect((await world.node.settled()).links).toEqual(before.links);
  }, 120_000);
});
