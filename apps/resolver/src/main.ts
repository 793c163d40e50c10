import { pino } from 'pino';
import { messageOf } from '#lib/common';
import { resolverOptions } from './options.js';
import { Resolver } from './resolver.js';
import { Snapshot } from './zones/snapshot.js';

const options = resolverOptions(process.argv.slice(2), process.env);
const log = pino({ name: 'skep-resolver', level: options.logLevel });
// Sockets and files are for root alone.
process.umask(0o077);

const resolver = new Resolver(new Snapshot(options.state), log, (error) => {
  log.fatal(`the thread that answers has ended: ${messageOf(error)}`);
  process.exit(1);
});
await resolver.restore();
log.info('answers what it knew before');

// Nest and gRPC take longer to load than everything before; containers do not wait for that.
const { serveGrpc } = await import('./grpc/serve.js');
const grpc = await serveGrpc(resolver, options.socket);
log.info(`listens on ${options.socket}`);

const stop = async (signal: NodeJS.Signals) => {
  log.info(`${signal}: stopping`);
  await grpc.close();
  await resolver.close();
  process.exit(0);
};
process.once('SIGTERM', stop).once('SIGINT', stop);
