import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { UpRequest } from '#lib/contracts';
import { json, lines, TestNode } from './testing/test-node.js';
import { container, useShop } from './testing/test-shop.js';

const { skep, folder } = useShop();

const OK = { type: 'result', ok: true };

describe('up', () => {
  it('sends the canonical model, and of the environment only what it names', async () => {
    await using node = await TestNode.start({
      'POST /skep/v1/projects/shop/up': lines(
        {
          type: 'progress',
          resource: 'container',
          name: 'shop-db-1',
          state: 'Started',
          done: true,
          elapsedMs: 300,
        },
        OK,
      ),
    });
    const { code, stderr } = await skep(
      node,
      'up -d --scale db=3 --wait --wait-timeout 9 --no-recreate -V --no-deps -t 5 web',
    ).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: ' Container shop-db-1  Started  0.3s\n' });
    const request = JSON.parse(node.seen[0]!.body) as UpRequest;
    expect(request).toMatchObject({
      disabledServices: ['shell'],
      workingDir: folder(),
      configFiles: [join(folder(), 'compose.yaml')],
      services: ['web'],
      scale: { db: 3 },
      environment: { SHOP_KEY: 's3cret' },
      wait: true,
      waitTimeoutMs: 9000,
      noRecreate: true,
      renewAnonVolumes: true,
      noDeps: true,
      forceRecreate: false,
      timeoutSeconds: 5,
    });
    expect(Object.keys(request.environment)).toEqual(['SHOP_KEY']);
    expect(request.model).toMatchObject({
      name: 'shop',
      services: { web: { depends_on: { db: { required: true } } } },
    });
  });

  it('sends the text of a seccomp profile, which lies where it is typed', async () => {
    writeFileSync(
      join(folder(), 'compose.yaml'),
      'name: shop\nservices: {b: {image: x}, a: {image: x, security_opt: ["seccomp:./p.json", "seccomp=unconfined", "no-new-privileges"]}}',
    );
    await using node = await TestNode.start({ 'POST /skep/v1/projects/shop/up': lines(OK) });
    expect(await skep(node, 'up -d b').ended).toMatchObject({ code: 0, stderr: '' });
    const missing = await skep(node, 'up -d').ended;
    expect(missing.code).not.toBe(0);
    expect(missing.stderr).toContain(
      `services.a: opening seccomp profile (${join(folder(), 'p.json')}) failed: ENOENT`,
    );
    writeFileSync(join(folder(), 'p.json'), '{ "defaultAction": ');
    expect((await skep(node, 'up -d').ended).stderr).toContain(
      `services.a: compacting json for seccomp profile (${join(folder(), 'p.json')}) failed: `,
    );
    writeFileSync(join(folder(), 'p.json'), '{\n  "a \\" b": 18446744073709551615\n}\n');
    expect(await skep(node, 'up -d').ended).toMatchObject({ code: 0, stderr: '' });
    const { model } = JSON.parse(node.seen.at(-1)!.body) as { model: { services: object } };
    const options = ['seccomp={"a \\" b":18446744073709551615}', 'seccomp=unconfined', 'no-new-privileges'];
    expect(model.services).toMatchObject({ a: { security_opt: options } });
  });

  it('reads - from standard input', async () => {
    await using node = await TestNode.start({ 'POST /skep/v1/projects/piped/up': lines(OK) });
    const { ended, stdin } = skep(node, '-f - up -d');
    stdin.end('{name: piped, services: {a: {image: x}}}');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('prints the plan of a dry run, and with --progress json the events as they come', async () => {
    const steps = [{ id: 'a', kind: 'network-create', resource: 'network', name: 'shop_default', after: [] }];
    await using node = await TestNode.start({
      'POST /skep/v1/projects/shop/up': lines({ type: 'plan', steps }, OK),
    });
    const plain = await skep(node, 'up --dry-run').ended;
    expect(plain.stderr).toBe('Plan: 1 step\n  1. network-create  shop_default  at once\n');
    expect(JSON.parse(node.seen[0]!.body)).toMatchObject({ dryRun: true });
    const events = await skep(node, 'up --dry-run --progress json').ended;
    expect(
      events.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([{ type: 'plan', steps }, OK]);
    expect(events.stderr).toBe('');
  });

  it.each([
    [
      { type: 'result', ok: false, code: 'conflict', message: 'port is already allocated' },
      'skep: port is already allocated\n',
    ],
    [{ type: 'warning', message: 'careful' }, /the daemon went away before it was done/],
  ])('fails on %j', async (event, message) => {
    await using node = await TestNode.start({ 'POST /skep/v1/projects/shop/up': lines(event) });
    const { code, stderr } = await skep(node, 'up -d').ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it.each([
    ['up -d wed', /no such service: wed; did you mean web\?/],
    ['up -d --scale dd=2', /no such service: dd; did you mean db\?/],
    ['up -d --scale web', /--scale web: write SERVICE=NUMBER/],
    ['up --force-recreate --no-recreate', /contradict each other/],
    ['up --wait-timeout 5', /--wait-timeout needs --wait/],
    ['up --detatch', /unknown option '--detatch'\n\(Did you mean --detach\?\)/],
    ['upp', /unknown command 'upp'\n\(Did you mean up\?\)/],
    ['-f nowhere.yaml up', /nowhere\.yaml/],
    ['up -d', /no daemon at unix:\/\/\/nonexistent\/docker.sock .* start it with "skep daemon"/],
  ])('%s: one clear line, and exit code 1', async (argv, message) => {
    const { code, stderr, stdout } = await skep(undefined, argv).ended;
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^skep: /);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});

describe('up without --detach', () => {
  const up = { 'POST /skep/v1/projects/shop/up': lines(OK) };

  it('shows logs until the last container has ended', async () => {
    await using node = await TestNode.start({
      ...up,
      'GET /skep/v1/projects/shop/containers': json([container('web', 1, { state: 'exited', exitCode: 3 })]),
      'GET /skep/v1/projects/shop/logs': lines({
        container: 'shop-web-1',
        service: 'web',
        stream: 'stdout',
        line: 'hi',
      }),
    });
    const { code, stdout } = await skep(node, 'up').ended;
    expect(stdout).toBe('web-1  | hi\nweb-1  | exited with code 3\n');
    expect(code).toBe(0);
    // What a container that runs on has written before is not shown again.
    const { path } = node.seen.find((each) => each.path.includes('/logs?'))!;
    expect(new URL(path, 'http://skep').searchParams.get('since')).toMatch(/^\d+\.\d+s$/);
  });

  it('stops gracefully on the first Ctrl-C and at once on the second', async () => {
    let endLogs = () => {};
    await using node = await TestNode.start({
      ...up,
      'GET /skep/v1/projects/shop/containers': json([container('web', 1)]),
      'GET /skep/v1/projects/shop/logs': (_, response) => {
        response.write('{"container":"shop-web-1","service":"web","line":"hi"}\n');
        endLogs = () => response.end();
      },
      'POST /skep/v1/projects/shop/stop': ({ body }, response) => {
        if ((JSON.parse(body) as { timeoutSeconds?: number }).timeoutSeconds !== 0) return void response.flushHeaders();
        endLogs();
        response.end(`${JSON.stringify(OK)}\n`);
      },
    });
    const { ended, signals, written } = skep(node, 'up -t 7 web');
    await waitFor(() => written.stdout.includes('hi'), { ms: 5000, what: 'logs' });
    signals.emit('SIGINT');
    await waitFor(() => node.seen.some(({ path }) => path.endsWith('/stop')), { ms: 5000, what: 'a stop' });
    signals.emit('SIGINT');
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: 'Gracefully stopping... (press Ctrl+C again to force)\n' });
    expect(
      node.seen.filter(({ path }) => path.endsWith('/stop')).map(({ body }) => JSON.parse(body) as unknown),
    ).toEqual([
      { services: ['web'], timeoutSeconds: 7 },
      { services: ['web'], timeoutSeconds: 0 },
    ]);
    expect(signals.listenerCount('SIGINT')).toBe(0);
  });
});

describe('ps, down and ls', () => {
  const answers = {
    'GET /skep/v1/projects/shop/containers': json([container('web', 1), container('db', 2, { state: 'exited' })]),
    'POST /skep/v1/projects/shop/down': lines(OK),
    'GET /skep/v1/projects': json([
      { name: 'shop', status: 'running(2)', configFiles: ['/a.yaml', '/b.yaml'] },
      { name: 'old', status: 'exited(1)', configFiles: ['/c.yaml'] },
    ]),
  };

  it('lists containers', async () => {
    await using node = await TestNode.start(answers);
    const { stdout } = await skep(node, 'ps -a web').ended;
    expect(stdout).toMatch(/^NAME +IMAGE +COMMAND +SERVICE +CREATED +STATUS +PORTS\n/);
    expect(stdout).toMatch(/\nshop-web-1 +web:1 +"sleep 1d" +web +.* +Up 5 seconds +0\.0\.0\.0:8080->80\/tcp\n$/);
    expect(node.seen[0]?.path).toContain('?all=1');
    expect((await skep(node, 'ps --services').ended).stdout).toBe('web\ndb\n');
    expect((await skep(node, 'ps -q web').ended).stdout).toBe(`${'1'.padStart(64, 'a')}\n`);
    const rows = (await skep(node, 'ps --format json').ended).stdout.trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row) as unknown)).toMatchObject([
      { Name: 'shop-web-1', Service: 'web', State: 'running', Publishers: [{ PublishedPort: 8080 }] },
      { Name: 'shop-db-2', State: 'exited' },
    ]);
  });

  it.each(['ps -q wbe', 'logs web wbe'])('refuses a service that is not there: %s', async (line) => {
    await using node = await TestNode.start(answers);
    const { code, stdout, stderr } = await skep(node, line).ended;
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: 'skep: no such service: wbe; did you mean web?\n',
    });
  });

  it('knows services that have no container', async () => {
    await using node = await TestNode.start({
      ...answers,
      'GET /skep/v1/projects': json([
        { name: 'shop', status: '', configFiles: [], model: { services: { cache: {} } } },
      ]),
    });
    expect(await skep(node, 'ps -q cache').ended).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('takes a project down by its name, without files', async () => {
    await using node = await TestNode.start(answers);
    const { code } = await skep(node, '-p shop down -v --remove-orphans -t 0', { cwd: '/nonexistent' }).ended;
    expect(code).toBe(0);
    expect(JSON.parse(node.seen[0]!.body)).toEqual({ volumes: true, timeoutSeconds: 0 });
  });

  it.each([
    ['down', {}, ['web', 'db', 'shell']],
    ['-p other -f compose.yaml down', {}, ['web', 'db', 'shell']],
    ['-p shop down', {}, undefined],
    ['down --remove-orphans', {}, undefined],
    ['down', { cwd: '/nonexistent', env: { COMPOSE_PROJECT_NAME: 'shop' } }, undefined],
  ])('takes down the services of the files: %s %j', async (line, { env, ...more }: { env?: object }, services) => {
    await using node = await TestNode.start({ ...answers, 'POST /skep/v1/projects/other/down': lines(OK) });
    const environment = { SKEP_HOST: node.socketPath, SHOP_KEY: 'k', ...env };
    expect((await skep(node, line, { env: environment, ...more }).ended).code).toBe(0);
    expect(JSON.parse(node.seen[0]!.body)).toEqual({ volumes: false, services });
  });

  it('lists projects of which something is up, or all', async () => {
    await using node = await TestNode.start(answers);
    expect((await skep(node, 'ls').ended).stdout).toBe(
      'NAME   STATUS       CONFIG FILES\nshop   running(2)   /a.yaml,/b.yaml\n',
    );
    expect((await skep(node, 'ls -aq').ended).stdout).toBe('shop\nold\n');
  });

  it('lists what ps shows of a project: all but what was made only, or has ended', async () => {
    const states = ['created(1)', 'created(1), exited(2)', 'exited(1), paused(1)', 'restarting(1)', 'waiting(2)', ''];
    const projects = states.map((status, n) => ({ name: `p${n}`, status, configFiles: [] }));
    await using node = await TestNode.start({ 'GET /skep/v1/projects': json(projects) });
    expect((await skep(node, 'ls -q').ended).stdout).toBe('p2\np3\np4\n');
  });
});

describe('config', () => {
  it('prints a model that it accepts again, unchanged', async () => {
    const { stdout, code } = await skep(undefined, 'config').ended;
    expect(code).toBe(0);
    const again = skep(undefined, '-f - config');
    again.stdin.end(stdout);
    expect((await again.ended).stdout).toBe(stdout);
  });

  it('prints JSON that means the same when it is read again', async () => {
    writeFileSync(join(folder(), 'compose.yaml'), 'name: shop\nservices: {a: {image: x, environment: {PW: "a$$b"}}}');
    const { stdout } = await skep(undefined, 'config --format json').ended;
    expect(stdout).toContain('"a$$b"');
    const again = skep(undefined, '-f - config --format json');
    again.stdin.end(stdout);
    expect((await again.ended).stdout).toBe(stdout);
  });

  it('leaves variables as they are written with --no-interpolate', async () => {
    writeFileSync(
      join(folder(), 'compose.yaml'),
      'services: {a: {image: "x:${TAG}", ports: ["${PORT:-80}:80"], env_file: "${F}", depends_on: ["${B}"], scale: "${N:-2}"}}',
    );
    const { stdout, code } = await skep(undefined, '-p shop config --no-interpolate').ended;
    expect(code).toBe(0);
    expect(stdout).toContain('    image: x:${TAG}\n');
    expect(stdout).toContain('      - ${PORT:-80}:80\n');
    expect(stdout).toContain('      - path: ${F}\n');
    expect(stdout).toContain('    scale: ${N:-2}\n');
  });

  it('lists parts of it', async () => {
    expect((await skep(undefined, 'config --services').ended).stdout.split('\n').sort()).toEqual(['', 'db', 'web']);
    expect((await skep(undefined, 'config --images').ended).stdout).toContain('web:1\n');
    expect((await skep(undefined, 'config -q').ended).stdout).toBe('');
    expect(JSON.parse((await skep(undefined, 'config --format json db').ended).stdout)).toMatchObject({
      name: 'shop',
      services: { db: { image: 'db:1' } },
    });
  });
});

describe('network, dns and logs', () => {
  it('goes on after a network that cannot be removed, and fails', async () => {
    await using node = await TestNode.start({
      'DELETE /skep/v1/networks/a': json({ message: 'network a not found', code: 'not_found' }, 404),
      'DELETE /skep/v1/networks/b': (_, response) => void response.writeHead(204).end(),
    });
    expect(await skep(node, 'network rm a b').ended).toEqual({
      code: 1,
      stdout: 'b\n',
      stderr: 'skep: network a not found\n',
    });
  });

  it('says what a container is answered and why', async () => {
    await using node = await TestNode.start({
      'GET /skep/v1/dns/lookup': json({
        name: 'db',
        type: 'A',
        from: 'shop-web-1',
        rcode: 'NOERROR',
        rule: 'service name',
        network: 'shop_default',
        answers: ['172.31.0.2'],
        omitted: [{ what: 'shop-db-2', why: 'unhealthy' }],
      }),
    });
    const { stdout, code } = await skep(node, 'dns lookup db --from shop-web-1 --type a').ended;
    expect(code).toBe(0);
    expect(node.seen[0]?.path).toBe('/skep/v1/dns/lookup?name=db&from=shop-web-1&type=A');
    expect(stdout.split('\n')).toEqual([
      'db A, asked by shop-web-1: NOERROR',
      '  172.31.0.2',
      'rule: service name',
      'network: shop_default',
      'left out: shop-db-2 (unhealthy)',
      '',
    ]);
  });

  it('asks for the logs that are wanted', async () => {
    await using node = await TestNode.start({
      'GET /skep/v1/projects/shop/containers': json([container('web', 1)]),
      'GET /skep/v1/projects/shop/logs': lines({ container: 'shop-web-1', line: 'hi', time: 'T' }),
    });
    const { stdout } = await skep(node, 'logs -f -t --tail 5 --since 100 web').ended;
    expect(stdout).toBe('web-1  | T hi\n');
    expect(node.seen[1]?.path).toBe('/skep/v1/projects/shop/logs?follow=1&tail=5&since=100&service=web');
  });
});

it('prints help and the version', async () => {
  expect((await skep(undefined, '--help').ended).stdout).toContain('Commands:');
  expect((await skep(undefined, 'help up').ended).stdout).toContain('--remove-orphans');
  expect(await skep(undefined, '--version').ended).toMatchObject({ code: 0, stdout: '0.1.0\n' });
});
