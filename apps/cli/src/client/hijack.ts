import type { Duplex } from 'node:stream';
import { unavailable } from '#lib/common';
import type { Address } from './address.js';
import { checked, open, unreachable } from './transport.js';

/**
 * Sends a POST and takes over its connection (HTTP/1.1 Upgrade to `tcp`): from there on it carries bytes both ways.
 * Ending it half-closes: the other side goes on writing.
 */
export function hijack(address: Address, path: string, body: unknown): Promise<Duplex> {
  const json = Buffer.from(JSON.stringify(body));
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'tcp',
    'Content-Type': 'application/json',
    'Content-Length': json.length,
  };
  return new Promise((resolve, reject) => {
    const outgoing = open(address, { method: 'POST', path, headers });
    outgoing.on('error', (error) => reject(unreachable(error, address)));
    outgoing.once('upgrade', (_answer, socket: Duplex, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    outgoing.once('response', (answer) => {
      checked(answer, address).then(() => {
        answer.destroy();
        reject(
          unavailable(`${address.text} does not let ${path} take over the connection (HTTP ${answer.statusCode})`),
        );
      }, reject);
    });
    outgoing.end(json);
  });
}
