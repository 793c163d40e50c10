import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RefusedAttachment } from '#lib/domain';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import type { SwarmMembership } from '../membership/membership.js';
import type { Node } from '../node/tokens.js';
import type { World } from '../world/world.js';
import { ClusterAttachments } from './cluster-attachments.js';
import type { NetworkDirectory } from './network-directory.js';

const ID = 'c'.repeat(64);
const row = {
  id: ID,
  name: 'web',
  target: 'present',
  spec: {},
  endpoints: [{ networkId: 'mesh-id', cluster: {}, mac: '02:00:00:00:00:01', names: [], aliases: [] }],
};

let attachments: ClusterAttachments;
let sent: { number: number; wanted: string }[];

beforeEach(() => {
  vi.useFakeTimers();
  const names = { netnsPrefix: 'skep-', netns: (id: string) => `skep-${id}` };
  const view = { list: (kind: string) => (kind === 'container' ? [row] : []), get: () => undefined };
  attachments = new ClusterAttachments(
    { names } as unknown as Node,
    view as unknown as Store,
    { listNetns: () => [`skep-${ID}`] } as unknown as Host,
    { container: () => undefined } as unknown as World,
    {} as NetworkDirectory,
    { current: { nodeId: 'a' } } as SwarmMembership,
  );
  sent = [];
  attachments.start(() => {
    const message = attachments.next();
    if (message) sent.push(message);
  });
  attachments.connected();
});
afterEach(() => vi.useRealTimers());

it('names a container again that was refused what it had, until it has it', () => {
  const refused: RefusedAttachment[] = [
    { containerId: ID, network: 'mesh-id', code: 'conflict', message: 'container web is on node b, which is not down' },
  ];
  const say = () => attachments.next();
  sent.push(say()!);
  attachments.answered(1, refused);
  expect(say()).toBeUndefined();
  vi.advanceTimersByTime(10_000);
  expect(sent.map(({ number }) => number)).toEqual([1, 2]);
  expect(sent[1]!.wanted).toContain(ID);
  attachments.answered(2, []);
  vi.advanceTimersByTime(60_000);
  expect(sent).toHaveLength(2);
});
