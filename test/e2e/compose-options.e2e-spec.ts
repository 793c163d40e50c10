import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEMO_IMAGE } from './harness/image.js';
import { TestProject } from './harness/project.js';
import { useWorld } from './harness/world.js';

const IMAGE = 'local/entered:1';
const MAC = '02:42:ac:11:65:43';
const NO_MKDIR = new URL('fixtures/no-mkdir.json', import.meta.url).pathname;

const YAML = `
name: said
services:
  bare: { image: ${IMAGE}, entrypoint: [], stop_grace_period: 0s }
  open:
    image: ${DEMO_IMAGE}
    command: [sleep, "1000"]
    security_opt: ["seccomp:unconfined", "systempaths=unconfined"]
    stop_grace_period: 0s
  main:
    image: ${DEMO_IMAGE}
    command: [sleep, "1000"]
    stop_grace_period: 0s
    security_opt: ["seccomp:./profile.json"]
    extra_hosts: ["db=10.0.0.1,10.0.0.2"]
    mac_address: ${MAC}
    networks: [z, b]
    configs: [{ source: text, target: etc/text }, { source: file, target: etc/file }]
    healthcheck: { test: "true", interval: 0s, timeout: 0s, retries: 0 }
networks: { b: {}, z: {} }
configs: { text: { content: words }, file: { file: ./words } }
`;

describe.each(['podman', 'docker'] as const)('what a Compose file says of its containers, with %s', (engine) => {
  const world = useWorld(1, () => ({ engine }));
  let project: TestProject;
  const prints = async (service: string, command: string) =>
    (await project.exec(service, 'sh', '-c', command)).stdout.trim();

  beforeAll(async () => {
    const { folder } = world.node;
    const file = join(folder, 'said.yaml');
    await writeFile(file, YAML);
    await writeFile(join(folder, 'words'), 'of a file');
    await copyFile(NO_MKDIR, join(folder, 'profile.json'));
    await world.node.mustDocker(['create', '--name', 'base', DEMO_IMAGE, 'true']);
    const command = ['-c', 'ENTRYPOINT ["false"]', '-c', 'CMD ["sleep", "1000"]'];
    await world.node.mustDocker(['commit', ...command, 'base', IMAGE]);
    await world.node.mustDocker(['rm', 'base']);
    project = new TestProject(world.node, 'said', [file]);
    await project.up();
  });

  it('an empty entrypoint leaves the command of the image', async () => {
    expect(await prints('bare', 'tr "\\0" " " < /proc/1/cmdline')).toBe('sleep 1000');
  });

  it('a seccomp profile is that of the project, and may be none', async () => {
    expect(await prints('main', 'mkdir /tmp/x 2>&1 || true')).toContain('Operation not permitted');
    expect(await prints('open', 'grep Seccomp: /proc/self/status')).toMatch(/0$/);
    await project.up();
    const { id } = await project.container('main');
    await writeFile(join(world.node.folder, 'profile.json'), '{ "defaultAction": "SCMP_ACT_ALLOW" }');
    await project.up();
    expect((await project.container('main')).id).not.toBe(id);
    expect(await prints('main', 'mkdir /tmp/x && echo made')).toBe('made');
  });

  it('the paths of the system are hidden unless the file shows them', async () => {
    const hidden = 'grep -c " /proc/sys " /proc/self/mounts || true';
    expect(await prints('main', hidden)).toBe('1');
    expect(await prints('open', hidden)).toBe('0');
  });

  it('hosts, configs and the MAC address are where they belong', async () => {
    expect(await prints('main', 'grep -E "\\sdb$" /etc/hosts')).toMatch(/^10\.0\.0\.1\s+db\n10\.0\.0\.2\s+db$/);
    expect(await prints('main', 'cat /etc/text; echo; cat /etc/file')).toBe('words\nof a file');
    const addresses = (await prints('main', 'cat /sys/class/net/eth0/address /sys/class/net/eth1/address')).split('\n');
    expect(addresses[0]).toBe(MAC);
    expect(addresses[1]).not.toBe(MAC);
  });

  it('a health check of zeros has the defaults of Docker', async () => {
    const { id } = await project.container('main');
    const text = await world.node.mustDocker(['inspect', '-f', '{{json .Config.Healthcheck}}', id]);
    expect(JSON.parse(text)).toMatchObject({ Interval: 30e9, Timeout: 30e9, Retries: 3 });
  });
});
