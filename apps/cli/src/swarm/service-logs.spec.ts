import { expect, it } from 'vitest';
import { run } from '../program.js';
import { json, TestNode } from '../testing/test-node.js';
import { testSystem } from '../testing/test-system.js';

const RAW = '\u001b[1mone\u001b[0m\r\ntwo\r\n';

/** A service and a task of it whose containers have a terminal, or have none. */
async function logsOf(args: string[], TTY: boolean, answer: Buffer | string) {
  const ContainerSpec = { Image: 'demo', ...(TTY && { TTY }) };
  const service = { ID: 's1', Spec: { Name: 'web', TaskTemplate: { ContainerSpec } } };
  const task = { ID: 't1', ServiceID: 's1', Slot: 1, Spec: { ContainerSpec } };
  const asked: string[] = [];
  const logs = ({ path }: { path: string }, response: { end(text: Buffer | string): void }) => {
    asked.push(path);
    response.end(answer);
  };
  await using node = await TestNode.start({
    'GET /services/web': json(service),
    'GET /services/s1': json(service),
    'GET /services/t1': json({ message: 'service t1 not found' }, 404),
    'GET /tasks/t1': json(task),
    'GET /nodes/n1': json({ ID: 'n1', Description: { Hostname: 'node1' } }),
    'GET /services/s1/logs': logs,
    'GET /tasks/t1/logs': logs,
  });
  const { system, written } = testSystem({ env: { SKEP_HOST: node.socketPath } });
  const code = await run(['service', 'logs', ...args], system);
  return { asked, code, ...written };
}

it.each([
  ['of a service', ['web'], '/services/s1/logs?stdout=1&stderr=1'],
  ['of a task', ['t1'], '/tasks/t1/logs?stdout=1&stderr=1'],
  ['with times', ['-t', '-n', '5', 'web'], '/services/s1/logs?stdout=1&stderr=1&timestamps=1&tail=5'],
])('what was written to a terminal is printed as it came: %s', async (_what, args, path) => {
  expect(await logsOf(args, true, RAW)).toEqual({ asked: [path], code: 0, stdout: RAW, stderr: '' });
});

it('without a terminal each line says whose it is', async () => {
  const ids = ['node.id=n1', 'service.id=s1', 'task.id=t1'].map((id) => `com.docker.swarm.${id}`).join(',');
  const line = Buffer.from(`2026-01-01T00:00:00Z ${ids} one\n`);
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, line.length]);
  const { asked, stdout } = await logsOf(['web'], false, Buffer.concat([head, line]));
  expect(stdout).toBe('web.1.t1@node1  | one\n');
  expect(asked).toEqual(['/services/s1/logs?stdout=1&stderr=1&details=1&timestamps=1']);
});
