import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Node, replicas, sandbox, zone } from './harness.js';

let node: Node;
beforeAll(async () => {
  node = await Node.create();
  const path = node.addNamespace('one');
  const zones = [zone('front', replicas('web', ['10.9.0.2', '10.9.0.3']))];
  const { errors } = await node.client.apply({ full: true, zones, sandboxes: [sandbox('one', path, ['front'])] });
  expect(errors).toEqual([]);
});
afterAll(() => node.close());

describe('the resolver', () => {
  it('answers again after kill -9 before the agent can tell it anything', async () => {
    expect(await node.stop('SIGKILL')).toBe('SIGKILL');
    const answered = node.waitForAnswer('one', 'web-1');
    await node.start(false);
    const told = node.ready().then(() => Date.now());
    expect((await answered).at).toBeLessThan(await told);
    expect(await node.client.getState()).toEqual({ sandboxes: ['one'], zones: ['id-front'] });
  });

  it('loses nothing that it acknowledged, whenever it is killed', async () => {
    for (let i = 10; i < 15; i++) {
      await node.client.apply({ zones: [zone('front', replicas('web', [`10.9.0.${i}`]))] });
      await node.stop('SIGKILL');
      await node.start();
      expect(await node.dig('one', 'web')).toEqual([`10.9.0.${i}`]);
    }
  });

  it('starts without a namespace that is gone, and with what is left', async () => {
    const path = node.addNamespace('two');
    await node.client.apply({ sandboxes: [sandbox('two', path, ['front'])] });
    await node.stop('SIGKILL');
    node.removeNamespace('two');
    await node.start();
    expect((await node.client.getState()).sandboxes).toEqual(['one']);
    expect(await node.dig('one', 'web')).toEqual(['10.9.0.14']);
  });

  it('starts with nothing when its file is broken', async () => {
    await node.stop('SIGKILL');
    writeFileSync(node.stateFile, node.state().slice(0, 40));
    await node.start();
    expect(await node.client.getState()).toEqual({ sandboxes: [], zones: [] });
  });

  it('closes and ends on SIGTERM', async () => {
    await node.client.apply({ sandboxes: [sandbox('one', node.netns('one'), ['front'])] });
    expect(await node.stop('SIGTERM')).toBe(0);
  });
});
