import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { json, TestNode } from './testing/test-node.js';
import { container, useShop } from './testing/test-shop.js';

const { skep } = useShop();

describe('exec', () => {
  const id = '1'.padStart(64, 'a');
  const answers = {
    'GET /skep/v1/projects/shop/containers': json([container('web', 1), container('web', 2), container('db', 1)]),
    [`POST /containers/${id}/exec`]: json({ Id: 'e1' }, 201),
    'GET /exec/e1/json': json({ ExitCode: 42 }),
  };
  const frame = (stream: number, text: string) =>
    Buffer.concat([Buffer.of(stream, 0, 0, 0, 0, 0, 0, text.length), Buffer.from(text)]);

  it.each(['-it', '-ti', '-i', '-t', '--interactive --tty'])('takes %s as docker does', async (flags) => {
    await using node = await TestNode.start(answers, {
      'POST /exec/e1/start': (_, socket: Duplex) => void socket.end(frame(1, 'done')),
    });
    expect(await skep(node, `exec ${flags} web true`).ended).toEqual({ code: 42, stdout: 'done', stderr: '' });
    expect(JSON.parse(node.seen[1]!.body)).toMatchObject({ Cmd: ['true'], Tty: false });
  });

  it('wires the streams and passes the exit code on', async () => {
    await using node = await TestNode.start(answers, {
      'POST /exec/e1/start': (_, socket: Duplex) => {
        socket.on('data', (chunk: Buffer) => socket.write(frame(1, `got ${chunk.toString()}`)));
        socket.on('end', () => socket.end(frame(2, 'bye')));
      },
    });
    const { ended, stdin } = skep(node, 'exec -u root -w /tmp -e A=1 -e SHOP_KEY web cat -n');
    stdin.end('input');
    expect(await ended).toEqual({ code: 42, stdout: 'got input', stderr: 'bye' });
    expect(JSON.parse(node.seen[1]!.body)).toMatchObject({
      Cmd: ['cat', '-n'],
      Tty: false,
      AttachStdin: true,
      Env: ['A=1', 'SHOP_KEY=s3cret'],
      User: 'root',
      WorkingDir: '/tmp',
    });
    expect(JSON.parse(node.seen[2]!.body)).toEqual({ Detach: false, Tty: false });
  });

  it('ends with the command although its input is still open', async () => {
    await using node = await TestNode.start(answers, {
      'POST /exec/e1/start': (_, socket: Duplex) => void socket.end(frame(1, 'done')),
    });
    expect(await skep(node, 'exec web true').ended).toEqual({ code: 42, stdout: 'done', stderr: '' });
  });

  it.each([
    ['exec wen true', /service "wen" is not running in project shop; running: db and web/],
    ['exec --index 7 web true', /no running container number 7; running: 1 and 2/],
  ])('%s is refused', async (argv, message) => {
    await using node = await TestNode.start(answers);
    const { code, stderr } = await skep(node, argv).ended;
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  });
});
