import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DEMO_IMAGE } from './harness/image.js';
import { Terminal } from './harness/terminal.js';
import { useWorld } from './harness/world.js';

describe('docker run -it on a real terminal', () => {
  const world = useWorld();
  let terminal: Terminal | undefined;

  afterEach(() => terminal?.close());

  const open = async (...args: string[]): Promise<Terminal> => {
    terminal = await Terminal.open(['docker', '--host', `unix://${world.node.socket}`, ...args]);
    return terminal;
  };
  const running = async (name: string): Promise<boolean> =>
    (await world.node.docker(['inspect', '--format', '{{.State.Running}}', name])).stdout.trim() === 'true';

  it('has a prompt, its size follows, Ctrl-C interrupts, the exit code comes back', async () => {
    const at = await open('run', '--rm', '--interactive', '--tty', '--name', 'shell', DEMO_IMAGE, 'sh');
    await at.shows(/[$#]$/m);
    // The CLI tells the size when the container has started.
    const hasSize = (size: RegExp) =>
      waitFor(
        async () => {
          await at.type('stty size\n');
          return size.test(await at.screen());
        },
        { ms: 10_000, every: 300, what: `the size of the terminal in the container: ${size.source}` },
      );
    await hasSize(/^24 80$/m);
    await at.resize(100, 30);
    await hasSize(/^30 100$/m);
    await at.type('echo begun; sleep 1000\n');
    await at.shows(/^begun$/m);
    await at.press('C-c');
    await at.type('echo code $?\n');
    await at.shows(/^code 130$/m);
    await at.type('exit 9\n');
    await at.shows(/ended with 9$/m);
    expect((await world.node.docker(['inspect', 'shell'])).code).not.toBe(0);
  });

  it('is left with the detach keys, and attached to again', async () => {
    const at = await open('run', '--interactive', '--tty', '--name', 'kept', DEMO_IMAGE, 'sh');
    await at.shows(/[$#]$/m);
    await at.type('x=still-here\n');
    await at.press('C-p', 'C-q');
    await at.shows(/ended with 0$/m);
    expect(await running('kept')).toBe(true);
    await at.close();
    const again = await open('attach', 'kept');
    await again.type('\n');
    await again.shows(/[$#]$/m);
    await again.type('echo $x\n');
    await again.shows(/^still-here$/m);
    await again.type('exit\n');
    await again.shows(/ended with 0$/m);
    expect(await running('kept')).toBe(false);
  });

  it('exec has a terminal of its own', async () => {
    await world.node.mustDocker(['run', '--detach', '--name', 'host', DEMO_IMAGE, 'sleep', '1000']);
    const at = await open('exec', '--interactive', '--tty', 'host', 'sh');
    await at.shows(/[$#]$/m);
    await at.type('stty size; exit 4\n');
    await at.shows(/^24 80$/m);
    await at.shows(/ended with 4$/m);
  });
});
