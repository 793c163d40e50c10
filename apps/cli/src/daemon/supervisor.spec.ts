import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive, waitFor } from '#lib/common';
import type { ChildSpec } from './child.js';
import { Supervisor } from './supervisor.js';

let directory: string;
let logFd: number;
let logged: string[];
let supervisor: Supervisor | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'skep-supervisor-'));
  logFd = openSync(join(directory, 'log'), 'a');
  logged = [];
});
afterEach(async () => {
  await supervisor?.stop(500, 100);
  supervisor = undefined;
  closeSync(logFd);
  rmSync(directory, { recursive: true });
});

const output = () => readFileSync(join(directory, 'log'), 'utf8');

/** The real lifeline, compiled, and a child that runs `code`. */
function child(name: string, code: string): ChildSpec {
  const lifeline = join(directory, 'lifeline.mjs');
  const source = readFileSync(join(import.meta.dirname, 'lifeline.ts'), 'utf8');
  writeFileSync(lifeline, ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext } }).outputText);
  const script = join(directory, `${name}.mjs`);
  writeFileSync(script, code);
  return { name, argv: ['--import', pathToFileURL(lifeline).href, script], env: process.env };
}

function supervise(...specs: ChildSpec[]): Supervisor {
  supervisor = new Supervisor(specs, { logFd, heldFds: [], log: (_level, message) => logged.push(message) });
  supervisor.start();
  return supervisor;
}

const SERVE = `
  process.on('SIGTERM', () => { console.log(NAME + ' ends'); process.exit(0); });
  setInterval(() => {}, 1000);
  console.log(NAME + ' runs');
`;
const serve = (name: string) => child(name, `const NAME = '${name}';${SERVE}`);
const seen = (text: string) => waitFor(() => output().includes(text), { ms: 10_000, what: `"${text}" in the log` });

describe('Supervisor', () => {
  it('starts children, passes their output on, and stops them in order', async () => {
    const running = supervise(serve('agent'), serve('resolver'));
    await seen('agent runs');
    await seen('resolver runs');
    const pids = running.pids as number[];
    await running.stop();
    expect(output().split('\n').slice(-3)).toEqual(['agent ends', 'resolver ends', '']);
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect(logged).toEqual([]);
  });

  it('restarts a child that dies: at once, then later; and says why', async () => {
    supervise(child('agent', `console.log('life'); process.exit(7);`));
    await waitFor(() => logged.length >= 3, { ms: 10_000, what: 'three deaths' });
    expect(logged[0]).toMatch(/^agent ended with exit code 7 after \d+\.\d s; it is started again at once$/);
    expect(logged[1]).toMatch(/again in 100 ms$/);
    expect(logged[2]).toMatch(/again in 200 ms$/);
    expect(output().split('life').length - 1).toBeGreaterThanOrEqual(3);
  });

  it('restarts only the one that was killed', async () => {
    const running = supervise(serve('agent'), serve('resolver'));
    await seen('agent runs');
    await seen('resolver runs');
    const [agent, resolver] = running.pids as [number, number];
    process.kill(agent, 'SIGKILL');
    await waitFor(() => output().split('agent runs').length === 3, { ms: 10_000, what: 'a second agent' });
    expect(logged[0]).toMatch(/^agent was ended by SIGKILL/);
    expect(running.pids[0]).not.toBe(agent);
    expect(running.pids[1]).toBe(resolver);
  });

  it('does not restart what it stopped while that waited for its restart', async () => {
    const running = supervise(child('agent', `process.exit(1);`));
    await waitFor(() => logged.length >= 4, { ms: 10_000, what: 'four deaths' });
    await running.stop();
    const deaths = logged.length;
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(logged).toHaveLength(deaths);
    expect(running.pids).toEqual([undefined]);
  });

  /** Ends when it is let: a file of that name is there. */
  const slow = (name: string, cluster: string): ChildSpec => ({
    ...child(
      `${name}-${cluster}`,
      `import { existsSync } from 'node:fs';
       const end = () => existsSync('${directory}/let-${cluster}') ? (console.log('${cluster} ends'), process.exit(0)) : setTimeout(end, 10);
       process.on('SIGTERM', end);
       setInterval(() => {}, 1000);
       console.log('${cluster} runs');`,
    ),
    name,
    cluster,
  });

  it('starts the manager of another cluster when the one before has ended, and not at all where it was told so', async () => {
    const [one, two, three] = ['one', 'two', 'three'].map((cluster) => slow('manager', cluster));
    const running = supervise(one!);
    await seen('one runs');
    const updates = [running.update([two!]), running.update([]), running.update([three!])];
    await Promise.race([Promise.all(updates), new Promise((resolve) => setTimeout(resolve, 100))]);
    expect(running.pids).toEqual([undefined]);
    writeFileSync(join(directory, 'let-one'), '');
    await Promise.all(updates);
    await seen('three runs');
    expect(output().split('\n')).toEqual(['one runs', 'one ends', 'three runs', '']);
    await running.update([{ ...three! }]);
    writeFileSync(join(directory, 'let-three'), '');
  });

  it('goes on with what it has when nobody can say what is to run', async () => {
    const running = supervise(serve('agent'));
    await seen('agent runs');
    const before = running.pids;
    running.follow(() => {
      throw new Error('membership.json is broken');
    });
    expect(logged).toEqual([
      'which processes are to run is not known, so those that do go on: membership.json is broken',
    ]);
    expect(running.pids).toEqual(before);
  });

  it.each([
    ['entered', 1, 2],
    ['left', 2, 1],
  ])('looks at what is to run when one died that had %s a swarm and not said so yet', async (_what, before, after) => {
    const member = join(directory, 'member');
    const agent = child(
      'agent',
      `import { existsSync, rmSync, writeFileSync } from 'node:fs';
       if (existsSync('${member}') === ${before > 1}) {
         ${before > 1 ? `rmSync('${member}')` : `writeFileSync('${member}', '')`};
         process.kill(process.pid, 'SIGKILL');
       }
       const NAME = 'agent';${SERVE}`,
    );
    if (before > 1) writeFileSync(member, '');
    const wanted = () => (existsSync(member) ? [agent, serve('manager')] : [agent]);
    const changed = () => running.follow(wanted);
    const running = new Supervisor(wanted(), { logFd, heldFds: [], log: (_level, text) => logged.push(text), changed });
    supervisor = running;
    running.start();
    expect(running.pids).toHaveLength(before);
    await seen('agent runs');
    expect(running.pids).toHaveLength(after);
    if (after > 1) await seen('manager runs');
  });

  it('does not start again what died and is not wanted any more', async () => {
    const running: Supervisor = new Supervisor([child('manager', `process.exit(1);`)], {
      logFd,
      heldFds: [],
      log: (_level, text) => logged.push(text),
      changed: () => running.follow(() => []),
    });
    supervisor = running;
    running.start();
    await waitFor(() => logged.length > 0, { ms: 10_000, what: 'its death' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([running.pids, logged.length]).toEqual([[], 1]);
  });

  it('ends with those that are ending', async () => {
    const running = supervise(slow('manager', 'one'));
    await seen('one runs');
    const [pid] = running.pids as number[];
    void running.update([]);
    writeFileSync(join(directory, 'let-one'), '');
    await running.stop();
    expect(isAlive(pid!)).toBe(false);
  });

  it('kills what does not end in time', async () => {
    const running = supervise(
      child('agent', `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf');`),
      serve('resolver'),
    );
    await seen('deaf');
    await seen('resolver runs');
    const [agent] = running.pids as number[];
    await running.stop(600, 300);
    expect(isAlive(agent!)).toBe(false);
    expect(logged).toEqual(['agent did not end within 300 ms and is killed']);
    expect(output()).toContain('resolver ends');
  });
});

describe('lifeline', () => {
  /** A process that starts the child as the supervisor does, writes its pid, and waits. */
  async function parentOf(spec: ChildSpec) {
    const pidFile = join(directory, 'pid');
    const parent = join(directory, 'parent.mjs');
    writeFileSync(
      parent,
      `import { spawn } from 'node:child_process';
       import { writeFileSync } from 'node:fs';
       const stdio = ['ignore', 1, 1, 'ipc'];
       const child = spawn(process.execPath, ${JSON.stringify(spec.argv)}, { detached: true, stdio });
       writeFileSync('${pidFile}', child.pid + '\\n');`,
    );
    const killed = spawn(process.execPath, [parent], { stdio: ['ignore', logFd, logFd] });
    await waitFor(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'), {
      ms: 10_000,
      what: 'a child',
    });
    return { parent: killed, pid: Number(readFileSync(pidFile, 'utf8')) };
  }

  it.each([
    ['after it runs', true],
    ['before it runs', false],
  ])('ends the child when the supervisor is killed %s', async (_when, wait) => {
    const { parent, pid } = await parentOf(serve('agent'));
    if (wait) await seen('agent runs');
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await waitFor(() => !isAlive(pid), { ms: 4_000, what: 'the end of the child' });
    if (wait) expect(output()).toContain('agent ends');
  });
});
