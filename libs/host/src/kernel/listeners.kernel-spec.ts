import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { listenersOf } from './listeners.js';

it('sees at which addresses a namespace takes connections and datagrams, and nothing of a process that is gone', async () => {
  const [tcp, tcp6, udp] = [createServer(), createServer(), createSocket('udp4')];
  try {
    await Promise.all([once(tcp.listen(0, '127.0.0.1'), 'listening'), once(tcp6.listen(0, '::1'), 'listening')]);
    udp.bind(0, '127.0.0.2');
    await once(udp, 'listening');
    const port = (server: typeof tcp) => (server.address() as AddressInfo).port;
    const seen = listenersOf('tcp', process.pid);
    expect(seen).toContainEqual({ address: '127.0.0.1', port: port(tcp) });
    expect(seen).toContainEqual({ address: '::1', port: port(tcp6) });
    expect(listenersOf('udp', process.pid)).toContainEqual({ address: '127.0.0.2', port: udp.address().port });
    expect(listenersOf('tcp', 2 ** 31 - 1)).toEqual([]);
  } finally {
    tcp.close();
    tcp6.close();
    udp.close();
  }
});
