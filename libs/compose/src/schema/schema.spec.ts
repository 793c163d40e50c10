import { describe, expect, it } from 'vitest';
import { load, refusal } from '../testing/memory.js';

const service = (attributes: string) => load(`services:\n  a:\n    image: x\n    ${attributes}\n`);

describe('the schema', () => {
  it.each([
    ['prots: ["80"]', "compose.yaml:4:5: services.a: additional properties 'prots' not allowed; did you mean 'ports'?"],
    [
      'privileged: maybe',
      'compose.yaml:4:5: services.a.privileged must be a boolean: true or false; found the string "maybe"',
    ],
    [
      'healthcheck: {interval: soon}',
      'compose.yaml:4:19: services.a.healthcheck.interval must be a duration such as 90s, 1m30s or 1h; found the string "soon"',
    ],
    [
      'ports: [{target: 99999}]',
      'compose.yaml:4:14: services.a.ports.0.target must be less than or equal to 65535; found the number 99999',
    ],
    [
      'ports: ["80:70000"]',
      'compose.yaml:4:5: services.a.ports: Invalid containerPort: 70000; in port "80:70000", a port is a number from 1 to 65535 or a range of them',
    ],
    [
      'volumes: [{type: bnd, source: /a, target: /b}]',
      'compose.yaml:4:16: services.a.volumes.0.type must be one of bind, volume, tmpfs, cluster, npipe, image (perhaps bind); found the string "bnd"',
    ],
    [
      'mac_address: 02:42',
      'compose.yaml:4:5: services.a.mac_address must be a MAC address such as 02:42:ac:11:65:43; found the string "02:42"',
    ],
    [
      'mem_limit: lots',
      'compose.yaml:4:5: services.a.mem_limit must be a size such as 1048576, 512m or 1.5g; found the string "lots"',
    ],
    [
      'extra_hosts: [foo]',
      'compose.yaml:4:19: services.a.extra_hosts.0: invalid additional host, missing IP: "foo"; write NAME:ADDRESS',
    ],
    [
      'extra_hosts: ["db:${UNSET}"]',
      'compose.yaml:4:19: services.a.extra_hosts.0: invalid additional host, missing IP: "db="; write NAME:ADDRESS',
    ],
    [
      'extra_hosts: {db: dbserver}',
      'compose.yaml:4:19: services.a.extra_hosts.0: invalid IP address in add-host: "dbserver"; accepted are an IP address and host-gateway',
    ],
    [
      'extra_hosts: {"a b": 10.0.0.1}',
      'compose.yaml:4:19: services.a.extra_hosts.0: bad host name "a b"; write NAME:ADDRESS, a name without blanks and colons',
    ],
    ['cap_add: SYS_ADMIN', 'compose.yaml:4:5: services.a.cap_add must be a list; found the string "SYS_ADMIN"'],
    ['depends_on: {b: {}}', "compose.yaml:4:18: services.a.depends_on.b missing property 'condition'"],
  ])('refuses %s', async (attributes, message) => expect(await refusal(() => service(attributes))).toEqual([message]));

  it('names every problem of a file', async () => {
    const lines = await refusal(() => load('services:\n  a: {imge: x}\nnetworks:\n  n: {internal: 7}\nfoo: 1\n'));
    expect(lines.map((line) => line.split(': ')[0])).toEqual([
      'compose.yaml:2:7',
      'compose.yaml:4:7',
      'compose.yaml:5:1',
    ]);
  });

  it('settles types after interpolation', async () => {
    const { project } = await load(
      'services: {a: {image: x, privileged: "${T}", scale: "${N}", mem_limit: 1g, cpus: "1.5", stop_grace_period: 90s}}',
      { env: { T: 'true', N: '2' } },
    );
    expect(project.services.a).toMatchObject({
      privileged: true,
      scale: 2,
      mem_limit: '1073741824',
      cpus: 1.5,
      stop_grace_period: '1m30s',
    });
  });

  it('reads permission bits as octal, however they are written', async () => {
    const { project } = await load(
      'services: {a: {image: x, configs: [{source: c, mode: 0440}, {source: c, target: /d, mode: "440"}, {source: c, target: /e, mode: 0o440}]}}\n' +
        'configs: {c: {content: x}}\n',
    );
    expect(project.services.a!.configs!.map((config) => config.mode)).toEqual(['0440', '0440', '0440']);
  });

  it('warns of old booleans and keeps x- attributes', async () => {
    const { project, warnings } = await service('init: yes\n    x-mine: {a: 1}');
    expect(project.services.a).toMatchObject({ init: true, 'x-mine': { a: 1 } });
    expect(warnings).toEqual(['compose.yaml:4:5: "yes" for boolean is not supported by YAML 1.2; write true']);
  });
});
