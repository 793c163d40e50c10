import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { notFound } from '#lib/common';
import type { TestNode } from './node.js';
import { run } from './process.js';
import { killProcessesOf, processesOf } from './processes.js';

const COMMANDS = {
  agent: /apps\/agent\/src\/main\.js/,
  manager: /apps\/manager\/src\/main\.js/,
  resolver: /apps\/resolver\/src\/main\.js/,
  engine: /podman .*system service/,
} as const;

/** `kill -9` of one of the node's processes. Gives its pid; undefined when it is not there at this moment. */
export async function killPart(node: TestNode, part: keyof typeof COMMANDS): Promise<number | undefined> {
  const found = (await processesOf(node.folder)).find(({ command }) => COMMANDS[part].test(command));
  if (!found) return undefined;
  process.kill(found.pid, 'SIGKILL');
  return found.pid;
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
  // What a reboot takes from below /run: our exec root, and what the OCI runtime knew of the containers.
  for (const engineId of await readdir(join(node.folder, 'data/engine/overlay-containers')).catch(() => [])) {
    if (/^[0-9a-f]{64}$/.test(engineId)) await rm(join('/run/runc', engineId), { recursive: true, force: true });
  }
  for (const run of ['exec', 'docker/exec', 'docker/pid']) {
    await rm(join(node.folder, run), { recursive: true, force: true });
  }
}
