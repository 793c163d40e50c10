// A tour of a swarm of three nodes on this machine: `make demo-swarm`, as root. The nodes are network namespaces on a switch
// of their own (`skep cluster`). At the end the machine is as it was, and that is checked; KEEP=1 leaves all running.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bold, check, dim, DemoError, good, green, play, print, run, step, until } from './demo/stage.mjs';

const root = join(import.meta.dirname, '..');
const skepBin = join(root, 'bin/skep');
const compose = join(root, 'docker-compose.samples/swarm/compose.yaml');
const folder = '/var/lib/skep-demo-swarm';
const keep = Boolean(process.env.KEEP);
const STACK = 'tour';

let nodes = [];
let tag = '';

function quietly(...args) {
  const host = nodes.length > 0 ? ['--host', nodes[0].dockerHost] : [];
  return run(skepBin, [...host, '--ansi', 'never', ...args]);
}

function skep(...args) {
  console.log(dim(`   $ skep ${args.join(' ').replaceAll(`${root}/`, '')}`));
  const { code, stdout, stderr } = quietly(...args);
  print(stdout);
  if (code !== 0) throw new DemoError(`skep ${args[0]} ${args[1]} failed: ${stderr}`);
  return stdout;
}

const cluster = (...args) => skep('cluster', ...args, '--data-root', folder);
const docker = ({ dockerHost }, ...args) => run('docker', ['-H', dockerHost, ...args]);

/** A container of a service that runs, with its node. */
function containerOf(service) {
  for (const node of nodes.filter(({ gone }) => !gone)) {
    const filter = `label=com.docker.swarm.service.name=${STACK}_${service}`;
    const [id] = docker(node, 'ps', '-q', '--filter', filter).stdout.trim().split('\n');
    if (id) return { node, id };
  }
  throw new DemoError(`no container of ${service} runs`);
}

function inside(service, command) {
  const { node, id } = containerOf(service);
  return docker(node, 'exec', id, 'sh', '-c', command);
}

const fetchOutside = (url) => {
  const { code, stdout } = run('nsenter', [
    `--net=/run/netns/${tag}-out`,
    'timeout',
    '5',
    'busybox',
    'wget',
    '-q',
    '-O',
    '-',
    url,
  ]);
  return code === 0 ? stdout : undefined;
};

const addressesOf = (name) => [
  ...new Set(
    [...inside('client', `nslookup -type=a ${name}`).stdout.matchAll(/^Address: (\S+)$/gm)].map(
      ([, address]) => address,
    ),
  ),
];

/** Running tasks of web, with their node's host name. */
function webTasks() {
  const tasks = JSON.parse(
    docker(nodes[0], 'service', 'ps', `${STACK}_web`, '--filter', 'desired-state=running', '--format', '{{json .}}')
      .stdout.trim()
      .split('\n')
      .join(',')
      .replace(/^/, '[') + ']',
  );
  return tasks.filter(({ CurrentState }) => CurrentState.startsWith('Running'));
}

async function rotation() {
  step(
    'Each question for `web` begins with the next replica, on whichever node: who was first, of 300 questions by `client`',
  );
  const counted = `for i in $(seq 300); do nslookup -type=a web | awk '/^Name:/ { n = 1 } n && /^Address/ { print $2; exit }'; done | sort | uniq -c`;
  const first = inside('client', counted).stdout;
  print(first);
  const counts = [...first.matchAll(/^\s*(\d+) /gm)].map((match) => Number(match[1]));
  check(counts.length === 6 && counts.every((count) => count === 50), 'each of the six was first exactly 50 times');
}

async function publishedPort() {
  step('Port 8080 of every node leads to `gateway`, wherever that runs, which passes requests on to `web`');
  for (const { name, address } of nodes) {
    const url = `http://${address}:8080/`;
    const body = await until(`${name} answers on port 8080`, 20_000, () => fetchOutside(url));
    good(`${name}, ${url}: ${body.trim().replaceAll('\n', ', ')}`);
  }
}

function separation() {
  step('Networks, a secret and a config, over nodes');
  check(inside('worker', 'wget -q -O - http://database/').code === 0, 'worker reaches database, on the network back');
  check(
    inside('client', 'nslookup -type=a database').code !== 0,
    'for client, on front, the name `database` does not exist',
  );
  const listed = inside('database', 'ls -ln /run/secrets/database-password').stdout;
  check(listed.startsWith('-r--------') && / 65534 /.test(listed), 'database has its secret, for its user alone');
  const disk = run('grep', ['-rl', 'not-for-production', ...nodes.map(({ name }) => join(folder, name, 'data'))]);
  check(disk.stdout === '', 'which is on no node’s disk in clear');
  check(
    inside('client', 'cat /etc/greeting').stdout === 'Hello from the swarm.\n',
    'client has its config, with the variable filled in',
  );
}

async function update() {
  step('A rolling update of `web`, two replicas at a time, while port 8080 is asked five times a second');
  const url = `http://${nodes[0].address}:8080/`;
  const loader = join(root, 'tools/demo/load.mjs');
  const load = spawn('nsenter', [`--net=/run/netns/${tag}-out`, process.execPath, loader, url, '5'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = load.stdout.setEncoding('utf8').toArray();
  const before = new Set(webTasks().map(({ ID }) => ID));
  process.env.WEB_VERSION = '2';
  try {
    skep('stack', 'deploy', '--resolve-image', 'never', '--wait', '-c', compose, STACK);
  } finally {
    load.kill('SIGTERM');
  }
  const after = webTasks();
  check(after.length === 6 && after.every(({ ID }) => !before.has(ID)), 'all six replicas are new ones');
  const { sent, good: answered, failures } = JSON.parse((await said).join(''));
  const why = Object.entries(failures).map(([text, count]) => `${count} x ${text}`);
  check(
    answered === sent && sent > 0,
    `${sent} requests, ${answered} answered${why.length > 0 ? `: ${why.join('; ')}` : ''}`,
  );
}

async function death() {
  const lost = nodes[2];
  step(`${lost.name} dies: everything on it is killed and its cable is cut`);
  const gone = new Set(lostAddresses(lost));
  run('nsenter', [`--net=/run/netns/${tag}-out`, 'ip', 'link', 'set', 'port3', 'down']);
  for (const pid of processes(`${folder}/${lost.name}/`)) kill(pid);
  lost.gone = true;
  const started = Date.now();
  await until(`${lost.name} counts as down`, 40_000, () =>
    docker(nodes[0], 'node', 'ls', '--format', '{{.Hostname}} {{.Status}}').stdout.includes(`${lost.name} Down`),
  );
  good(`after ${((Date.now() - started) / 1000).toFixed(0)} s of silence the manager holds it for down`);
  await until('six replicas on two nodes', 60_000, () => {
    const tasks = webTasks();
    return tasks.length === 6 && tasks.every(({ Node }) => Node !== lost.name);
  });
  good(`six replicas run again, ${((Date.now() - started) / 1000).toFixed(0)} s after its death`);
  skep('stack', 'ps', STACK);
  const answers = await until('six addresses', 20_000, () => {
    const found = addressesOf('web');
    return found.length === 6 && found;
  });
  check(!answers.some((address) => gone.has(address)), 'and no name answers with an address of the dead node');
}

/** Of replicas of web on a node, as the node says. */
function lostAddresses(node) {
  const ids = docker(node, 'ps', '-q', '--filter', `label=com.docker.swarm.service.name=${STACK}_web`)
    .stdout.trim()
    .split('\n');
  return ids.map(
    (id) => docker(node, 'exec', id, 'ip', '-o', '-4', 'addr', 'show', 'eth0').stdout.match(/inet ([\d.]+)/)?.[1],
  );
}

/** Pids of what belongs to a node: its daemon and its children, the engine's helpers, what runs in its containers. */
function processes(place) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const text = (name) => readFileSync(`/proc/${pid}/${name}`, 'latin1');
        if (text('cmdline').includes(place) || text('environ').includes(`"dataRoot":"${place}`)) return true;
        return (
          text('mountinfo')
            .split('\n')
            .find((line) => line.split(' ')[4] === '/')
            ?.includes(place) ?? false
        );
      } catch {
        return false; // it has ended meanwhile
      }
    })
    .map(Number);
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

async function tour() {
  step('A swarm of three nodes on this machine: network namespaces on a switch, a daemon in each');
  cluster('up', '3');
  nodes = JSON.parse(run(skepBin, ['cluster', 'ls', '--format', 'json', '--data-root', folder]).stdout);
  ({ tag } = JSON.parse(readFileSync(join(folder, 'cluster.json'), 'utf8')));

  step('The demo image, on each of them');
  const tar = run(process.execPath, [join(root, 'tools/make-image.mjs')]).stdout.trim();
  for (const { name, dockerHost } of nodes) {
    const { code, stderr } = run(skepBin, ['--host', dockerHost, 'import', tar, 'skep/demo:1']);
    check(code === 0, `${name} has skep/demo:1${stderr}`);
  }

  step('A stack of five services on them, of a Compose file');
  skep('stack', 'deploy', '--resolve-image', 'never', '--wait', '-c', compose, STACK);
  skep('stack', 'services', STACK);
  skep('stack', 'ps', STACK);
  const hosts = new Set(webTasks().map(({ Node }) => Node));
  check(webTasks().length === 6 && hosts.size === 3, 'six replicas of web run on three nodes');

  await rotation();
  await publishedPort();
  separation();
  await update();
  await death();

  step('It comes back, and does not disturb');
  run('nsenter', [`--net=/run/netns/${tag}-out`, 'ip', 'link', 'set', 'port3', 'up']);
  cluster('up', '3');
  check(webTasks().length === 6, 'web has its six replicas, and not more');
}

async function main() {
  if (process.getuid() !== 0) throw new DemoError('the demo makes network namespaces and links: run it as root');
  if (existsSync(folder)) {
    throw new DemoError(
      `a swarm of the demo is there already; take it down with: ${skepBin} cluster down --data-root ${folder}`,
    );
  }
  try {
    await tour();
    if (keep) return howToGoOn();
    step('The stack is removed');
    skep('stack', 'rm', STACK);
    for (const node of nodes) check(docker(node, 'ps', '-q').stdout === '', `no container is left on ${node.name}`);
  } finally {
    if (!keep) {
      step('And the swarm itself');
      run(skepBin, ['cluster', 'down', '--data-root', folder]);
    }
  }
  const left = [
    ...readdirSync('/run/netns').filter((name) => name.startsWith(tag)),
    ...readdirSync('/run').filter((name) => name.startsWith(tag)),
    ...processes(`${folder}/`).map((pid) => `process ${pid}`),
    ...readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(folder)),
    ...(existsSync(folder) ? [folder] : []),
  ];
  check(left.length === 0, ['no process, namespace, mount or file is left', ...left].join('\n     '));
  console.log(`\n${green(bold('The demo is complete: everything worked, and nothing is left.'))}`);
}

function howToGoOn() {
  console.log(`\n${bold('Everything is still running.')} Go on with:
  export DOCKER_HOST=${nodes[0].dockerHost}
  docker node ls
  ${skepBin} stack ps ${STACK}
and take it down with:
  ${skepBin} cluster down --data-root ${folder}`);
}

await play(main);
