import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { notFound, waitFor } from '#lib/common';
import { forgetContainersOf } from '#lib/lab';
import type { TestNode } from './node.js';
import { run } from './process.js';
import { killProcessesOf, processesOf } from './processes.js';

const COMMANDS = {
  agent: /node\/agent\.js/,
  manager: /node\/manager\.js/,
  resolver: /node\/resolver\.js/,
  engine: /podman .*system service/,
} as const;

type Part = keyof typeof COMMANDS;

/** pid of one of the node's processes; undefined when it is not there at this moment. */
async function pidOf(node: TestNode, part: Part): Promise<number | undefined> {
  return (await processesOf(node.folder)).find(({ command }) => COMMANDS[part].test(command))?.pid;
}

/** `kill -9` of one of the node's processes. Gives its pid; undefined when it is not there at this moment. */
export async function killPart(node: TestNode, part: Part): Promise<number | undefined> {
  const pid = await pidOf(node, part);
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  return pid;
}

/** The same, and until there is another one that answers. */
export async function replaceAgent(node: TestNode): Promise<void> {
  const pid = await killPart(node, 'agent');
  const another = async () => ![undefined, pid].includes(await pidOf(node, 'agent'));
  await waitFor(another, { ms: 30_000, every: 50, what: 'another agent' });
  const answers = async () => (await node.docker(['version'])).code === 0;
  await waitFor(answers, { ms: 30_000, every: 100, what: 'the agent to answer' });
}

/** pid of the first process of a container, by what it calls itself in its own host name. */
export async function containerPid(node: TestNode, containerId: string): Promise<number> {
  for (const { pid } of await processesOf(node.folder)) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const innermost = /^NSpid:.*\t(\d+)$/m.exec(status)?.[1];
    if (innermost === '1' && environment.split('\0').includes(`HOSTNAME=${containerId.slice(0, 12)}`)) return pid;
  }
  throw notFound(`no first process of container ${containerId.slice(0, 12)}`);
}

/** What a reboot leaves: the data root. Processes, links, rules, namespaces and the exec root are gone. */
export async function powerOff(node: TestNode): Promise<void> {
  const { nodeId } = await node.info();
  await node.stop('SIGKILL');
  await killProcessesOf(node.folder);
  for (const name of (await readdir('/run/netns')).filter((each) => each.startsWith(`skep-${nodeId.slice(0, 8)}-`))) {
    await run('ip', ['netns', 'delete', name]);
  }
  const links = JSON.parse(await node.machine.must('ip', ['-j', 'link'])) as { ifname: string }[];
  for (const { ifname } of links.filter((link) => link.ifname.startsWith(`sk${nodeId.slice(0, 4)}`))) {
    // A veth goes with its peer's namespace, maybe before its turn comes.
    await run('nsenter', [`--net=${node.machine.path}`, 'ip', 'link', 'delete', ifname]);
  }
  await node.machine.must('nft', ['flush', 'ruleset']);
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' ')[4] ?? '');
  for (const target of mounts.filter((path) => path.startsWith(node.folder)).reverse()) {
    await run('umount', ['--lazy', target]);
  }
  // What a reboot takes from below /run: what the OCI runtime knew of the containers, and our exec root.
  await forgetContainersOf([node.folder]);
  for (const run of ['exec', 'docker/exec', 'docker/pid']) {
    await rm(join(node.folder, run), { recursive: true, force: true });
  }
}
