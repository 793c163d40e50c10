// What a process of skep loads, in a few files instead of hundreds (docs/adr/0034-every-process-is-bundled.md): the
// command line into dist/cli, the processes of a node into dist/node.
import { dirname, join, relative } from 'node:path';
import { rolldown } from 'rolldown';

const dist = join(import.meta.dirname, '../dist');
const main = (app) => join(dist, 'apps', app, 'src/main.js');

/** Loaded from where they are installed: native code, what starts or reads files beside itself, what Nest loads by name. */
const APART = ['@grpc/grpc-js', '@grpc/proto-loader', 'app-root-path', 'koffi', 'pino', 'protobufjs', 'sqlite3'];

/** dockerode loads an SSH client, for engines that are asked by SSH: a sixth of an agent's start. Ours are on sockets. */
const withoutSsh = {
  name: 'without-ssh',
  resolveId: (source) => (source === 'ssh2' ? '\0ssh2' : null),
  load: (id) => (id === '\0ssh2' ? 'export const Client = undefined;' : null),
};

/** What a module finds by its own place lies where the module was compiled. */
const places = (folder) => ({
  name: 'places',
  transform(code, id) {
    if (!id.startsWith(dist) || !code.includes('import.meta.')) return null;
    const place = (path) => JSON.stringify(relative(folder, path));
    return {
      code: code
        .replaceAll('import.meta.dirname', `(import.meta.dirname + '/' + ${place(dirname(id))})`)
        .replaceAll('import.meta.url', `new URL(${place(id)}, import.meta.url).href`),
      map: null,
    };
  },
});

/** What was written for CommonJS may ask for its folder; it gets the bundle's. */
const PLACE = 'const __dirname = import.meta.dirname;';

async function bundle(name, input) {
  const folder = join(dist, name);
  const made = await rolldown({
    input,
    platform: 'node',
    external: APART,
    plugins: [places(folder), withoutSsh],
    logLevel: 'warn',
    // Nest and TypeORM name many packages that are loaded only where they are configured.
    onLog: (level, log, report) => log.code !== 'UNRESOLVED_IMPORT' && report(level, log),
  });
  // Flat: every file of a bundle has the same place.
  await made.write({ dir: folder, format: 'es', cleanDir: true, banner: PLACE });
  await made.close();
}

await bundle('cli', { skep: main('cli') });
await bundle('node', { agent: main('agent'), manager: main('manager'), resolver: main('resolver') });
