import { describe, expect, it } from 'vitest';
import { load, refusal } from './testing/memory.js';

const IMAGE = 'services: {a: {image: x}}\n';

describe('the project name', () => {
  it.each([
    [{ projectName: 'explicit', env: { COMPOSE_PROJECT_NAME: 'env' } }, 'explicit'],
    [{ env: { COMPOSE_PROJECT_NAME: 'env' } }, 'env'],
    [{ env: {} }, 'in-file'],
  ])('%j', async (options, name) => {
    expect((await load(`name: in-file\n${IMAGE}`, options)).project.name).toBe(name);
  });

  it('is that of the directory when nothing says it, normalised', async () => {
    expect((await load(IMAGE, { projectDirectory: '/srv/_My.App-1' })).project.name).toBe('myapp-1');
  });

  it('is interpolated, and known to interpolation as COMPOSE_PROJECT_NAME', async () => {
    const { project } = await load('name: p-${V}\nservices: {a: {image: "i:${COMPOSE_PROJECT_NAME}"}}', {
      env: { V: '1' },
    });
    expect(project.services.a!.image).toBe('i:p-1');
  });

  it('is refused when Docker Compose refuses it', async () => {
    const [message] = await refusal(() => load(IMAGE, { projectName: 'My App' }));
    expect(message).toContain('invalid project name "My App"');
    expect(message).toContain('for example "myapp"');
  });
});

describe('the environment', () => {
  it('takes the operating system before .env, and environment before the last env_file', async () => {
    const files = {
      '.env': 'FROM_DOTENV=dotenv\nBOTH=dotenv\n',
      'one.env': 'A=one\nB=one\nC=one ${BOTH}\n',
      'two.env': 'B=two\nD=${B}\n',
      'compose.yaml': [
        'services:',
        '  a:',
        '    image: ${FROM_DOTENV}-${BOTH}',
        '    env_file: [one.env, two.env, {path: none.env, required: false}]',
        '    environment: {A: own, FROM_DOTENV: , NOWHERE: }',
      ].join('\n'),
    };
    const { project, environment } = await load(files, { env: { BOTH: 'os' } });
    expect(project.services.a).toMatchObject({ image: 'dotenv-os' });
    expect(project.services.a!.environment).toEqual({
      A: 'own',
      B: 'two',
      C: 'one os',
      D: 'two',
      FROM_DOTENV: 'dotenv',
      NOWHERE: null,
    });
    expect(project.services.a).not.toHaveProperty('env_file');
    expect(environment).toMatchObject({ FROM_DOTENV: 'dotenv', BOTH: 'os' });
  });

  it('reads other files in place of .env, and raw ones as they are', async () => {
    const files = {
      '.env': 'V=dotenv\n',
      'x.env': 'V=x\n',
      'raw.env': 'R="$V"\n',
      'compose.yaml': 'services: {a: {image: "$V", env_file: {path: raw.env, format: raw}}}',
    };
    const { project } = await load(files, { envFiles: ['x.env'] });
    expect(project.services.a).toMatchObject({ image: 'x', environment: { R: '"$V"' } });
  });

  it('says which env_file is missing, and where it is named', async () => {
    const [message] = await refusal(() => load('services:\n  a:\n    image: x\n    env_file:\n      - gone.env\n'));
    expect(message).toMatch(/^compose\.yaml:5:9: env file \/app\/gone\.env not found/);
  });

  it('warns once of a variable that is not set, and says where a required one is missing', async () => {
    const { warnings } = await load('services: {a: {image: "x$NO", hostname: "h$NO"}}');
    expect(warnings).toEqual(['The "NO" variable is not set. Defaulting to a blank string.']);
    expect(await refusal(() => load('services:\n  a:\n    image: ${TAG:?set it}\n'))).toEqual([
      'compose.yaml:3:5: error while interpolating services.a.image: required variable TAG is missing a value: set it',
    ]);
  });
});

describe('extends', () => {
  it('takes paths of another file relative to that file', async () => {
    const files = {
      'base/common.yaml': 'services: {web: {extends: root, volumes: ["./data:/d"]}, root: {image: r, env_file: x.env}}',
      'base/x.env': 'X=1\n',
      'compose.yaml': 'services: {a: {extends: {file: base/common.yaml, service: web}, command: [c]}}',
    };
    const { project } = await load(files);
    expect(project.services.a).toMatchObject({
      image: 'r',
      command: ['c'],
      environment: { X: '1' },
      volumes: [{ type: 'bind', source: '/app/base/data', target: '/d' }],
    });
    expect(project.services.a).not.toHaveProperty('extends');
  });

  it('takes profiles of seccomp relative to the project, whichever file names them', async () => {
    const inline = '{"defaultAction":"SCMP_ACT_ALLOW"}';
    const { project } = await load(
      {
        'base/common.yaml': 'services: {web: {image: x, security_opt: ["seccomp:p.json", "label=disable"]}}',
        'other/compose.yaml': 'services: {b: {image: x, security_opt: ["seccomp=./p.json"]}}',
        'compose.yaml': `
include: [other/compose.yaml]
services:
  a:
    extends: {file: base/common.yaml, service: web}
    security_opt: ["seccomp=builtin", "seccomp:unconfined", "seccomp=~/p.json", 'seccomp=${inline}']
`,
      },
      { env: { HOME: '/root' } },
    );
    expect(project.services.a!.security_opt).toEqual([
      'seccomp:/app/p.json',
      'label=disable',
      'seccomp=builtin',
      'seccomp:unconfined',
      'seccomp=/root/p.json',
      `seccomp=${inline}`,
    ]);
    expect(project.services.b!.security_opt).toEqual(['seccomp=/app/p.json']);
  });

  it('shares nothing between services that extend one', async () => {
    const { project } = await load('services: {b: {image: x, labels: {k: v}}, a: {extends: b}, c: {extends: b}}');
    project.services.a!.labels!.k = 'changed';
    expect(project.services.c!.labels).toEqual({ k: 'v' });
  });

  it.each([
    [
      'services:\n  a: {extends: b}\n  b: {extends: a}\n',
      'compose.yaml:2:7: circular reference: compose.yaml (a) extends compose.yaml (b) extends compose.yaml (a)',
    ],
    [
      'services:\n  a: {extends: c}\n',
      'compose.yaml:2:7: cannot extend service "a": service "c" not found in compose.yaml',
    ],
  ])('refuses %j', async (text, message) => expect(await refusal(() => load(text))).toEqual([message]));
});

describe('include', () => {
  it('gives an included project its own directory and .env, below the environment', async () => {
    const files = {
      'sub/.env': 'V=sub\nW=sub\n',
      'sub/compose.yaml': 'services: {in: {image: "$V-$W", volumes: ["./d:/d"], environment: [W]}}\nvolumes: {v: {}}',
      'compose.yaml': 'include: [sub/compose.yaml]\nservices: {a: {image: "$V", depends_on: [in]}, in: {command: [c]}}',
    };
    const { project } = await load(files, { env: { V: 'os' } });
    expect(project.services.in).toMatchObject({
      image: 'os-sub',
      command: ['c'],
      environment: { W: 'sub' },
      volumes: [{ source: '/app/sub/d' }],
    });
    expect(project.volumes.v).toEqual({ name: 'app_v' });
  });

  it('refuses a circle', async () => {
    const files = { 'compose.yaml': 'include: [b.yaml]', 'b.yaml': 'include: [compose.yaml]' };
    expect(await refusal(() => load(files))).toEqual([
      'include cycle detected: compose.yaml includes b.yaml includes compose.yaml',
    ]);
  });
});

describe('profiles', () => {
  const text =
    'services: {a: {image: x, depends_on: {d: {condition: service_started, required: false}}}, d: {image: x, profiles: [debug]}}';

  it.each([
    [{}, ['a']],
    [{ profiles: ['debug'] }, ['a', 'd']],
    [{ profiles: ['*'] }, ['a', 'd']],
    [{ env: { COMPOSE_PROFILES: 'other, debug' } }, ['a', 'd']],
    [{ services: ['d'] }, ['a', 'd']],
  ])('%j', async (options, services) => {
    const { project, disabledServices } = await load(text, options);
    expect(Object.keys(project.services)).toEqual(services);
    expect(disabledServices).toEqual(services.length === 1 ? ['d'] : []);
  });

  it.each([
    [{ services: ['baz'] }, ['foo', 'bar', 'baz']],
    [{ services: ['foo'] }, ['foo', 'bar', 'baz']],
    [{ services: ['foo'], profiles: ['own'] }, ['foo']],
    [{ services: ['nobody'] }, []],
  ])('activates those of a named service that is not enabled: %j', async (options, services) => {
    const { project } = await load(
      'services: {foo: {image: x, profiles: [own, test]}, bar: {image: x, profiles: [test]}, baz: {image: x, profiles: [test], depends_on: [bar]}}',
      options,
    );
    expect(Object.keys(project.services)).toEqual(services);
  });

  it('says that a needed service is not enabled', async () => {
    const [message] = await refusal(() =>
      load('services:\n  a: {image: x, depends_on: [d]}\n  d: {image: x, profiles: [p]}\n'),
    );
    expect(message).toBe(
      'compose.yaml:2:30: service "a" depends on undefined service "d", which no active profile enables',
    );
  });
});

describe('normalisation', () => {
  it('makes the default network, names and implied dependencies explicit', async () => {
    const { project } = await load(
      'name: p\nservices: {a: {image: x}, b: {image: x, network_mode: "service:a"}, c: {image: x, networks: [n], links: ["a:alias"]}}\n' +
        'networks: {n: {}, e: {external: true}}\nvolumes: {v: , w: {name: own}}\n',
    );
    expect(project.networks).toEqual({
      default: { name: 'p_default' },
      n: { name: 'p_n' },
      e: { external: true, name: 'e' },
    });
    expect(project.volumes).toEqual({ v: { name: 'p_v' }, w: { name: 'own' } });
    expect(project.services.a!.networks).toEqual({ default: null });
    expect(project.services.b).not.toHaveProperty('networks');
    const dependency = { condition: 'service_started', required: true, restart: true };
    expect(project.services.b!.depends_on).toEqual({ a: dependency });
    expect(project.services.c!.depends_on).toEqual({ a: dependency });
  });

  it('makes no default network that nobody is on', async () => {
    const { project } = await load('services: {a: {image: x, network_mode: none}}');
    expect(project.networks).toEqual({});
  });
});

describe('consistency', () => {
  it.each([
    ['services:\n  a: {}\n', '2:3: service "a" has neither an image nor a build context specified'],
    [
      'services:\n  a: {image: x, networks: [n]}\n',
      '2:28: service "a" refers to undefined network n; declare it under networks',
    ],
    [
      'services:\n  a: {image: x, volumes: ["v:/v"]}\n',
      '2:27: service "a" refers to undefined volume v; declare it under volumes',
    ],
    [
      'services:\n  a: {image: x, secrets: [s]}\n',
      '2:27: service "a" refers to undefined secret s; declare it under secrets',
    ],
    ['services:\n  a: {image: x, depends_on: [a]}\n', '2:30: service "a" depends on itself'],
    [
      'services:\n  a: {image: x, scale: 2, deploy: {replicas: 3}}\n',
      "2:17: services.a: can't set distinct values on 'scale' and 'deploy.replicas'",
    ],
    [
      'services:\n  a: {image: x, scale: 2, container_name: c1}\n',
      '2:27: services.a: the name "c1" is for one container, and 2 are asked for',
    ],
    [
      'services:\n  a: {image: x, container_name: c1}\n  b: {image: x, container_name: c1}\n',
      '3:17: services.b: container name "c1" is already in use by services.a',
    ],
    [
      'services:\n  a: {image: x, healthcheck: {test: [curl, -f, localhost]}}\n',
      '2:31: services.a: healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"; found "curl"',
    ],
    [
      'services: {a: {image: x}}\nsecrets:\n  s: {}\n',
      '3:3: secret "s" must declare one of file, environment or external: true; found none',
    ],
    [
      'services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n',
      '3:30: dependency cycle detected: a -> b -> a',
    ],
  ])('refuses %j', async (text, message) => {
    expect((await refusal(() => load(text)))[0]).toBe(`compose.yaml:${message}`);
  });

  it('gives positions of the loaded project', async () => {
    const { sources } = await load('services:\n  a:\n    image: x\n    ports:\n      - "80:80"\n');
    expect(sources.at(['services', 'a', 'ports', 0, 'target'])).toEqual({ file: 'compose.yaml', line: 5, column: 9 });
  });
});
