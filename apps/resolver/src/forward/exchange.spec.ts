import packet from 'dns-packet';
import { expect, it } from 'vitest';
import { exchange } from './exchange.js';
import { THE_NODE } from '../sockets/places.js';
import { serverAddress } from './server-address.js';

const question = packet.encode({ type: 'query', id: 1, questions: [{ type: 'A', name: 'example.test' }] });

/** The kernel connects nobody to everybody: as to a server that it has no way to. */
it('fails with a reason where a server cannot even be connected to', async () => {
  await expect(
    exchange(THE_NODE, serverAddress('255.255.255.255')!, question, 800, [AbortSignal.timeout(2_000)]),
  ).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^255\.255\.255\.255:53 could not be asked: .*EACCES/),
  });
});
