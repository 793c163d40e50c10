import { connect, type ClientHttp2Session } from 'node:http2';
import {
  type ChannelCredentials,
  credentials,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PROTO_LOADER_OPTIONS, SWARM_PROTO } from '#lib/contracts';
import { boundedStrangers } from './strangers.js';

type Done = (error: ServiceError | null) => void;
interface Package {
  skep: {
    swarm: {
      v1: { Ca: { service: ServiceDefinition; new (address: string, channel: ChannelCredentials): Ca } };
    };
  };
}
interface Ca {
  getRoot(request: object, done: Done): void;
  close(): void;
}

const { skep } = loadPackageDefinition(loadSync(SWARM_PROTO, PROTO_LOADER_OPTIONS)) as unknown as Package;
const AT_ONCE = 3;
const PATIENCE = 300;

let server: Server;
let address: string;
let raw: ClientHttp2Session;

beforeEach(async () => {
  server = new Server({ interceptors: [boundedStrangers(AT_ONCE, PATIENCE)] });
  const getRoot = (_call: unknown, done: sendUnaryData<object>) => done(null, { certificate: 'root' });
  server.addService(skep.swarm.v1.Ca.service, { getRoot, issue: getRoot, renew: getRoot });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, at) =>
      error ? reject(error) : resolve(at),
    ),
  );
  address = `127.0.0.1:${port}`;
  raw = connect(`http://${address}`);
});
afterEach(() => {
  raw.destroy();
  server.forceShutdown();
});

/** A call whose message never comes whole. Resolves to its status. */
function half(): Promise<number> {
  const stream = raw.request({
    ':method': 'POST',
    ':path': '/skep.swarm.v1.Ca/GetRoot',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.write(Buffer.from([0, 0, 1, 0, 0, 1, 2, 3]));
  return new Promise((resolve) => {
    const settle = (headers: Record<string, unknown>) => {
      if (headers['grpc-status'] === undefined) return;
      resolve(Number(headers['grpc-status']));
      stream.close();
    };
    stream
      .on('response', settle)
      .on('trailers', settle)
      .on('error', () => undefined)
      .resume();
  });
}

function whole(): Promise<number> {
  const ca = new skep.swarm.v1.Ca(address, credentials.createInsecure());
  return new Promise<number>((resolve) => ca.getRoot({}, (error) => resolve(error?.code ?? status.OK))).finally(() =>
    ca.close(),
  );
}

it('lets calls through, one after the other', async () => {
  for (let n = 0; n < 2 * AT_ONCE; n++) expect(await whole()).toBe(status.OK);
});

it('ends what does not come, and takes no more meanwhile', async () => {
  const waiting = Array.from({ length: AT_ONCE }, half);
  expect(await half()).toBe(status.UNAVAILABLE);
  expect(await whole()).toBe(status.UNAVAILABLE);
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => status.DEADLINE_EXCEEDED));
  expect(await whole()).toBe(status.OK);
});

it('forgets whoever goes away', async () => {
  Array.from({ length: AT_ONCE }, half);
  expect(await half()).toBe(status.UNAVAILABLE);
  raw.destroy();
  await expect.poll(whole, { timeout: PATIENCE / 2, interval: 10 }).toBe(status.OK);
});
