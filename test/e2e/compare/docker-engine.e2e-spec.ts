import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScratchDockerd } from '../../../libs/engine/src/testing/scratch-dockerd.js';
import { DEMO_IMAGE, demoImageTar } from '../harness/image.js';
import { Namespace } from '../harness/namespaces.js';
import { ENGINE } from '../harness/node.js';
import { must } from '../harness/process.js';
import { useWorld } from '../harness/world.js';
import { ask, type Answer } from './api.js';
import { differences, eventDifferences, times } from './differences.js';
import { explanations } from './explained.js';
import { SCRIPT } from './script.js';

interface Asked {
  answers: Map<string, Answer>;
  /** what happened to the script's own things, in its order */
  events: string[];
}

/** The same requests to skep and to a Docker Engine, one after the other. What is explained is of Podman underneath. */
describe.skipIf(ENGINE === 'docker')('skep beside Docker Engine 20.10', () => {
  const world = useWorld();
  let machine: Namespace;
  let dockerd: ScratchDockerd;
  let docker: Asked;
  let skep: Asked;

  beforeAll(async () => {
    machine = await Namespace.create(`skep-cmp-${process.pid}`, '');
    const folder = await mkdtemp(join(tmpdir(), 'skep-e2e-cmp-'));
    dockerd = new ScratchDockerd(folder, { machine: ['nsenter', `--net=${machine.path}`] });
    await dockerd.start();
    const env = { DOCKER_HOST: `unix://${dockerd.socketPath}` };
    await must('docker', ['import', await demoImageTar(), DEMO_IMAGE], { env });
    docker = await play(dockerd.socketPath);
    skep = await play(world.node.socket);
  });
  afterAll(async () => {
    try {
      await dockerd?.remove();
    } finally {
      await machine?.remove();
    }
  });

  it('differs in nothing that docs/compatibility.md does not explain, which explains nothing that is not', async () => {
    const rows = await explanations();
    const unused = new Set(rows);
    const found = SCRIPT.flatMap(({ title }) =>
      differences(docker.answers.get(title)!, skep.answers.get(title)!).map((line) => ({ title, line })),
    ).concat(eventDifferences(docker.events, skep.events).map((line) => ({ title: 'events', line })));
    const unexplained = found.filter(({ title, line }) => {
      const fitting = rows.filter(({ fits }) => fits(title, line));
      for (const row of fitting) unused.delete(row);
      return fitting.length === 0;
    });
    expect(unexplained.map(({ title, line }) => `| ${title} | \`\` ${line} \`\` |`).join('\n')).toBe('');
    expect([...unused].map(({ row }) => row).join('\n')).toBe('');
  });

  it('tells of what both tell as often in the same order', () => {
    const alike = (event: string) => times(docker.events, event) === times(skep.events, event);
    expect(skep.events.filter(alike)).toEqual(docker.events.filter(alike));
  });
});

async function play(socket: string): Promise<Asked> {
  const kept: Record<string, string> = {};
  const answers = new Map<string, Answer>();
  const since = Date.now() / 1000;
  for (const { title, method, path, body, keep, after } of SCRIPT) {
    if (after) await setTimeout(after);
    const answer = await ask(
      socket,
      method,
      path.replace(/\{(\w+)\}/g, (_, name: string) => kept[name] ?? name),
      body,
    );
    answers.set(title, answer);
    if (keep) kept[keep] = (answer.body as { Id: string }).Id;
  }
  const filters = encodeURIComponent(JSON.stringify({ type: ['container', 'network', 'volume'] }));
  // What happened in this very millisecond is before it.
  const until = (Date.now() + 1) / 1000;
  const told = await ask(socket, 'GET', `/events?since=${since}&until=${until}&filters=${filters}`);
  const list = (Array.isArray(told.body) ? told.body : [told.body]) as { Type: string; Action: string }[];
  return { answers, events: list.map(({ Type, Action }) => `${Type} ${Action}`) };
}
