// A tour of skep on this machine: `make demo`, as root. The node has data and exec roots of its own, so it neither needs
// nor disturbs an installed one. At the end the machine is as it was, and that is checked; KEEP=1 leaves all running.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { bold, check, dim, DemoError, good, green, play, print, run, step, until } from './demo/stage.mjs';

const root = join(import.meta.dirname, '..');
const skepBin = join(root, 'bin/skep');
const sample = join(root, 'docker-compose.samples/round-robin');
const dataRoot = '/var/lib/skep-demo';
const execRoot = '/run/skep-demo';
const socket = `unix://${execRoot}/docker.sock`;
const logFile = `${dataRoot}/daemon.log`;
const keep = Boolean(process.env.KEEP);

/** Runs skep on the demo's node, from the sample's folder as it were, and shows what it says. */
function skep(...args) {
  console.log(dim(`   $ skep ${args.join(' ')}`));
  const done = quietly(...args);
  print(done.stdout + done.stderr);
  return done;
}

function quietly(...args) {
  return run(skepBin, ['--host', socket, '--ansi', 'never', '-f', join(sample, 'compose.yaml'), ...args]);
}

function mustSkep(...args) {
  const { code, stdout } = skep(...args);
  if (code !== 0) throw new DemoError(`skep ${args[0]} failed`);
  return stdout;
}

/** The node's id is in the names of everything that it makes in the kernel. */
function nodeId() {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: socket.slice('unix://'.length), path: '/skep/v1/info' }, async (response) => {
      resolve(JSON.parse(Buffer.concat(await response.toArray()).toString()).nodeId);
    });
    call.on('error', reject).end();
  });
}

/** What the node has made on this machine, a line each. */
function traces(id) {
  const short = id.slice(0, 4);
  const json = (command, ...args) => JSON.parse(run(command, ['-j', ...args]).stdout || '[]');
  const links = json('ip', 'link').map(({ ifname }) => `link ${ifname}`);
  const routes = ['-4', '-6']
    .flatMap((family) => json('ip', family, 'route'))
    .map(({ dst, dev }) => `route ${dst} ${dev}`);
  const names = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  const rules = run('nft', ['list', 'table', 'inet', `skep_${short}`]).stdout.trim();
  return [
    ...[...links, ...routes].filter((line) => line.includes(` sk${short}`)),
    ...names.filter((name) => name.startsWith(`skep-${id.slice(0, 8)}-`)).map((name) => `namespace ${name}`),
    ...(rules ? [`rules ${rules}`] : []),
  ];
}

/** Pids of the demo's daemon, of its children, of the engine's helpers and of whatever runs in its containers. */
function processes() {
  const belongs = (pid) => {
    const text = (name) => readFileSync(`/proc/${pid}/${name}`, 'latin1');
    const argv = text('cmdline').split('\0');
    const names = (path) => path.startsWith(`${dataRoot}/`) || path.startsWith(`${execRoot}/`);
    if (argv.includes('daemon') && argv.includes(dataRoot)) return true;
    if (/(podman|conmon|runc)$/.test(argv[0]) && argv.some(names)) return true;
    if (text('environ').includes(`"dataRoot":"${dataRoot}"`)) return true;
    const mounts = text('mountinfo').split('\n');
    return mounts.find((line) => line.split(' ')[4] === '/')?.includes(`${dataRoot}/`) ?? false;
  };
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && belongs(name);
    } catch {
      return false; // it has ended meanwhile
    }
  });
}

/** The engine leaves its storage mounted. */
function removeFiles() {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  for (const path of mounts.reverse()) {
    if (path.startsWith(`${dataRoot}/`) || path.startsWith(`${execRoot}/`)) run('umount', [path]);
  }
  rmSync(execRoot, { recursive: true, force: true });
  rmSync(dataRoot, { recursive: true, force: true });
}

const SYSCTLS = ['net/ipv4/ip_forward', 'net/ipv6/conf/all/forwarding', 'net/ipv6/conf/default/forwarding'].map(
  (name) => `/proc/sys/${name}`,
);
const sysctls = () => SYSCTLS.filter(existsSync).map((path) => [path, readFileSync(path, 'utf8')]);

async function startNode() {
  mkdirSync(dataRoot, { recursive: true, mode: 0o711 });
  const log = openSync(logFile, 'w');
  const roots = ['--data-root', dataRoot, '--exec-root', execRoot, '--host', socket];
  // No default network: the sample brings its own, and the demo leaves none behind.
  const daemon = spawn(skepBin, ['daemon', ...roots, '--bridge', 'none'], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  daemon.unref();
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  await until('the node answers', 60_000, () => {
    if (daemon.exitCode !== null) throw new DemoError(`the daemon ended:\n${readFileSync(logFile, 'utf8')}`);
    return quietly('ls').code === 0;
  });
  return { pid: daemon.pid, stop: () => (daemon.ref(), daemon.kill('SIGTERM'), ended) };
}

const fetchText = (url) =>
  fetch(url, { signal: AbortSignal.timeout(3_000) }).then(
    (response) => response.text(),
    () => undefined,
  );

/** A command in a container of the sample. */
const inside = (service, command) => quietly('exec', '-T', service, 'sh', '-c', command);
const addressOf = (service) =>
  inside(service, `ip -o -4 addr show dev eth0 | awk '{ sub("/.*", "", $4); print $4 }'`).stdout.trim();

const networks = () =>
  JSON.parse(quietly('network', 'inspect', 'round-robin_front', 'round-robin_back').stdout || '[]');

async function tour() {
  step('An image, made of nothing but Debian’s static busybox');
  const tar = run(process.execPath, [join(root, 'tools/make-image.mjs')]).stdout.trim();
  mustSkep('import', tar, 'skep/demo:1');

  step('The sample round-robin: five services, two networks, three replicas of web');
  mustSkep('up', '-d');

  step('Its containers, their networks and addresses');
  mustSkep('ps');
  mustSkep('network', 'ls');
  for (const { name, containers } of networks()) {
    const line = containers.map((one) => `${one.name.replace('round-robin-', '')} ${one.ipv4}`).sort();
    print(`${name}: ${line.join(', ')}\n`);
  }
  const web = quietly('ps', '-q', 'web').stdout.trim().split('\n');
  check(web.length === 3, 'three replicas of web are running');

  step('Each question for `web` begins with the next replica: who was first, of 300 questions by `client`');
  const counted = `for i in $(seq 300); do nslookup -type=a web | awk '/^Name:/ { n = 1 } n && /^Address/ { print $2; exit }'; done | sort | uniq -c`;
  const first = inside('client', counted).stdout;
  print(first);
  const counts = [...first.matchAll(/^\s*(\d+) /gm)].map((match) => Number(match[1]));
  check(counts.length === 3 && counts.every((count) => count === 100), 'each of the three was first exactly 100 times');

  step('The published port 8080 leads to `gateway`, which passes requests on to `web`');
  const hosts = new Set();
  for (let n = 0; n < 6; n++) {
    const body = await until('port 8080 answers', 20_000, () => fetchText('http://127.0.0.1:8080/'));
    hosts.add(/^host: (.*)$/m.exec(body)?.[1]);
    if (n === 0) print(body);
  }
  check(hosts.size === 3, `six requests were answered by three replicas: ${[...hosts].join(', ')}`);

  step('`database` is on the network `back`; `client`, on `front`, cannot reach it');
  const database = addressOf('database');
  check(inside('worker', `ping -c 1 -W 2 ${database}`).code === 0, `worker, on the same network, reaches ${database}`);
  check(inside('client', `ping -c 1 -W 2 ${database}`).code !== 0, `client does not reach ${database}`);
  check(inside('client', 'nslookup -type=a database').code !== 0, 'and for client the name `database` does not exist');
}

async function main() {
  if (process.getuid() !== 0) throw new DemoError('the demo makes network namespaces and links: run it as root');
  // The engine's helpers outlive a daemon that was just ended by some seconds.
  await until('an earlier demo ends', 15_000, () => processes().length === 0).catch(() => {
    throw new DemoError(`a node of the demo is running already; end it with: kill ${processes()[0]}`);
  });
  const settings = sysctls();
  let node;
  let id;
  try {
    step(`A node of its own, on this machine: ${dataRoot}, ${execRoot}`);
    node = await startNode();
    id = await nodeId();
    const before = traces(id);
    good(`the node answers on ${socket}`);
    await tour();
    if (keep) return howToGoOn(node);
    step('All of it is taken down');
    mustSkep('down', '-v');
    const left = traces(id).filter((line) => !before.includes(line));
    check(left.length === 0, ['no link, route, rule or namespace is left of it', ...left].join('\n     '));
  } finally {
    if (node && !keep) {
      quietly('down', '-v');
      await node.stop();
    }
  }
  step('And the node itself');
  await until('every process has ended', 20_000, () => processes().length === 0);
  good('no process is left');
  // The one thing that a node without networks keeps in the kernel: its table, with the rules that are always there.
  run('nft', ['delete', 'table', 'inet', `skep_${id.slice(0, 4)}`]);
  for (const [path, value] of settings) if (readFileSync(path, 'utf8') !== value) writeFileSync(path, value);
  removeFiles();
  const left = traces(id);
  check(left.length === 0, ['no link, route, rule or namespace is left', ...left].join('\n     '));
  console.log(`\n${green(bold('The demo is complete: everything worked, and nothing is left.'))}`);
}

function howToGoOn(node) {
  console.log(`\n${bold('Everything is still running.')} Go on with:
  cd ${sample}
  export SKEP_HOST=${socket}
  ${skepBin} ps
  ${skepBin} exec client sh
and take it down with:
  ${skepBin} down && kill ${node.pid}`);
}

await play(main);
