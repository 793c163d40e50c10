import { beforeAll, describe, expect, it } from 'vitest';
import { TestProject } from './harness/project.js';
import { useSample } from './harness/sample.js';
import { useWorld } from './harness/world.js';

describe('sample custom-subnet', () => {
  const world = useWorld();
  const sample = useSample(world, 'custom-subnet');
  let project: TestProject;

  beforeAll(() => void ({ project } = sample));

  it('makes the network as it is written', async () => {
    const { pools, linkName } = await project.network('lab');
    expect(pools).toEqual([
      {
        subnet: '172.17.64.0/20',
        gateway: '172.17.64.1',
        ipRange: '172.17.65.0/28',
        auxAddresses: { printer: '172.17.65.3' },
      },
    ]);
    const addresses = await world.node.machine.must('ip', ['-4', '-o', 'addr', 'show', 'dev', linkName]);
    expect(addresses).toContain('inet 172.17.64.1/20');
  });

  it('reserves static addresses before it hands out others', async () => {
    expect(await project.addresses('fixed', 'lab')).toEqual(['172.17.65.2']);
    expect(await project.addresses('outside-range', 'lab')).toEqual(['172.17.64.10']);
  });

  it('hands out addresses of the range alone, each once, and not the reserved ones', async () => {
    const handedOut = await project.addresses('any', 'lab');
    expect(new Set(handedOut).size).toBe(4);
    for (const address of handedOut) {
      expect(address).toMatch(/^172\.17\.65\.(\d|1[0-5])$/);
      expect(['172.17.65.2', '172.17.65.3']).not.toContain(address);
    }
  });

  it('routes by the gateway, and everybody reaches everybody', async () => {
    const routes = (await project.exec('any', 'ip', 'route')).stdout;
    expect(routes).toContain('default via 172.17.64.1 dev eth0');
    expect(await project.pings('any', '172.17.64.10')).toBe(true);
    expect(await project.pings('any', '172.17.65.2')).toBe(true);
    expect(await project.pings('any', world.outside.address)).toBe(true);
  });

  it('refuses a subnet that is taken, and names what has it', async () => {
    const { machine } = world.node;
    await machine.must('ip', ['link', 'add', 'sktaken', 'type', 'bridge']);
    await machine.must('ip', ['addr', 'add', '172.28.9.200/24', 'dev', 'sktaken']);
    const refused = TestProject.sample(world.node, 'dual-stack-internal');
    const { code, stdout, stderr } = await refused.skep('up', '-d');
    await machine.must('ip', ['link', 'delete', 'sktaken']);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('172.28.9.0/24');
    expect(stdout + stderr).toContain('sktaken');
    expect(await world.node.must(['ls'])).not.toContain('dual-stack-internal');
  });

  it('leaves nothing when it goes', async () => {
    await project.down();
    expect(await world.node.returnsTo(sample.before)).toEqual(sample.before);
  });
});
