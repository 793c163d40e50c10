import { UdpThread } from './sockets/udp-thread.js';

// Containers wait for a resolver that starts again. So the thread that answers comes first and starts while the rest
// is loaded; then what was known before is served; and Nest and gRPC, which take longer than all of it, come last.
const udp = new UdpThread();
const [{ pino }, { messageOf }, { resolverOptions }, { Resolver }, { Snapshot }] = await Promise.all([
  import('pino'),
  import('#lib/common'),
  import('./options.js'),
  import('./resolver.js'),
  import('./zones/snapshot.js'),
]);

const options = resolverOptions(process.argv.slice(2), process.env);
const log = pino({ name: 'skep-resolver', level: options.logLevel });
// Sockets and files are for root alone.
process.umask(0o077);

const resolver = new Resolver(udp, new Snapshot(options.state), log);
resolver.start((error) => {
  log.fatal(`the thread that answers has ended: ${messageOf(error)}`);
  process.exit(1);
});
await resolver.restore();
log.info('serves what it knew before');

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
