// A tour of skep on this machine: `make demo`, as root. The node has data and exec roots of its own, so it neither needs
// nor disturbs an installed one. At the end the machine is as it was, and that is checked; KEEP=1 leaves all running.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const skepBin = join(root, 'bin/skep');
const sample = join(root, 'docker-compose.samples/round-robin');
const dataRoot = '/var/lib/skep-demo';
const execRoot = '/run/skep-demo';
const socket = `unix://${execRoot}/docker.sock`;
const logFile = `${dataRoot}/daemon.log`;
const keep = Boolean(process.env.KEEP);

const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (colours ? `\x1b[${code}m${text}\x1b[0m` : text);
const [bold, dim, green, red] = [1, 2, 32, 31].map(paint);

let number = 0;
const step = (text) => console.log(`\n${bold(`${++number}. ${text}`)}`);
const print = (text) => process.stdout.write(text.replace(/^(?=.)/gm, '   '));
const good = (text) => console.log(`   ${green('✓')} ${text}`);

/** The demo stops here, because something is not as it must be. */
class DemoError extends Error {}

function check(condition, text) {
  if (!condition) throw new DemoError(text);
  good(text);
}

function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error) throw new DemoError(`${command} cannot be run: ${error.message}`);
  return { code: status ?? 1, stdout, stderr };
}

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

async function until(what, ms, probe) {
  for (const deadline = Date.now() + ms; ;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline)
      throw new DemoError(`${what}: not within ${ms / 1000} s; the daemon's log is ${logFile}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What is on the machine that a node could have made, a line each. */
function traces() {
  const links = JSON.parse(run('ip', ['-j', 'link']).stdout || '[]').map(({ ifname }) => `link ${ifname}`);
  const routes = ['-4', '-6']
    .flatMap((family) => JSON.parse(run('ip', ['-j', family, 'route']).stdout || '[]'))
    .map(({ dst, dev }) => `route ${dst} ${dev}`);
  const { nftables } = JSON.parse(run('nft', ['-j', 'list', 'tables']).stdout || '{"nftables":[]}');
  const tables = nftables.filter(({ table }) => table).map(({ table }) => `rules ${table.family} ${table.name}`);
  const namespaces = existsSync('/run/netns') ? readdirSync('/run/netns').map((name) => `namespace ${name}`) : [];
  return [...links, ...routes, ...tables, ...namespaces].sort();
}

/** Processes of the demo: by their command line or environment, or because their root file system lies in its data root. */
function processes() {
  const ours = (pid) => {
    try {
      const text = (name) => readFileSync(`/proc/${pid}/${name}`, 'latin1');
      const rootMount = () =>
        text('mountinfo')
          .split('\n')
          .find((line) => line.split(' ')[4] === '/') ?? '';
      return [text('cmdline'), text('environ'), rootMount()].some(
        (part) => part.includes(dataRoot) || part.includes(execRoot),
      );
    } catch {
      return false; // it has ended meanwhile
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && ours(name))
    .map(Number);
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

async function tour() {
  step('An image, made of nothing but Debian’s static busybox');
  const tar = run(process.execPath, [join(root, 'tools/make-image.mjs')]).stdout.trim();
  mustSkep('import', tar, 'skep/demo:1');

  step('The sample round-robin: five services, two networks, three replicas of web');
  mustSkep('up', '-d');

  step('Its containers, their networks and addresses');
  mustSkep('ps');
  mustSkep('network', 'ls');
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
  if (processes().length > 0) {
    throw new DemoError(
      `a node of the demo is running already (process ${processes()[0]}); end it with: kill ${processes()[0]}`,
    );
  }
  const before = { traces: traces(), sysctls: sysctls() };
  let node;
  try {
    step(`A node of its own, on this machine: ${dataRoot}, ${execRoot}`);
    node = await startNode();
    good(`the node answers on ${socket}`);
    await tour();
    if (keep) {
      console.log(`\n${bold('Everything is still running.')} Go on with:
  cd ${sample}
  export SKEP_HOST=${socket}
  ${skepBin} ps
  ${skepBin} exec client sh
and take it down with:
  ${skepBin} down && kill ${node.pid}`);
      return;
    }
    step('All of it is taken down');
    mustSkep('down', '-v');
  } finally {
    if (node && !keep) {
      quietly('down', '-v');
      await node.stop();
    }
  }
  step('What is left?');
  const left = traces().filter((line) => !before.traces.includes(line));
  const missing = before.traces.filter((line) => !traces().includes(line));
  await until('every process has ended', 20_000, () => processes().length === 0);
  for (const [path, value] of before.sysctls) if (readFileSync(path, 'utf8') !== value) writeFileSync(path, value);
  rmSync(execRoot, { recursive: true, force: true });
  rmSync(dataRoot, { recursive: true, force: true });
  check(
    left.length + missing.length === 0,
    `no link, route, rule or namespace${[...left, ...missing].map((line) => `; but: ${line}`).join('')}`,
  );
  good('no process');
  console.log(`\n${green(bold('The demo is complete: everything worked, and nothing is left.'))}`);
}

main().catch((error) => {
  console.error(`\n${red(bold('The demo failed:'))} ${error instanceof DemoError ? error.message : error.stack}`);
  process.exitCode = 1;
});
