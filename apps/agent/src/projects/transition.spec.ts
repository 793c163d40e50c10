import { describe, expect, it } from 'vitest';
import type { Container, Network } from '#lib/domain';
import type { Change } from '#lib/store';
import { downChanges, orphansOf } from './down.js';
import { Rows, up } from './testing/up.js';

const WEB = `
name: shop
services:
  web:
    image: demo
    ports: ["8080:80"]
    scale: 2
    networks: { front: {} }
  db:
    image: demo
    networks: { front: { ipv4_address: 172.20.0.2 } }
networks:
  front: { ipam: { config: [{ subnet: 172.20.0.0/24 }] } }
`;

describe('upTransition', () => {
  it('reserves static addresses before dynamic ones are chosen', async () => {
    const { containers } = await up(WEB.replace('["8080:80"]', '[]'), new Rows());
    const addresses = Object.fromEntries(containers.map((each) => [each.name, each.endpoints[0]?.ipv4]));
    expect(addresses).toEqual({
      'shop-db-1': '172.20.0.2',
      'shop-web-1': '172.20.0.3',
      'shop-web-2': '172.20.0.4',
    });
  });

  it('refuses a fixed port for two replicas before anything is written', async () => {
    await expect(up(WEB, new Rows())).rejects.toThrow(
      'Bind for 0.0.0.0:8080 failed: port is already allocated (by container shop-web-1)',
    );
  });

  it('changes no container that is as asked for, and makes a changed one anew', async () => {
    const yaml = WEB.replace('["8080:80"]', '[]');
    const first = await up(yaml, new Rows());
    const rows = new Rows().apply(first.changes);
    const again = await up(yaml, rows);
    expect(again.changes.map((change) => change.kind)).toEqual(['project']);
    const changed = await up(
      yaml.replace('image: demo\n    networks: { front: { ipv4', 'image: other\n    networks: { front: { ipv4'),
      rows,
    );
    const touched = changed.changes.flatMap((change) =>
      change.op === 'put' && change.kind === 'container' ? [`${change.value.name} ${change.value.target}`] : [],
    );
    expect(touched).toEqual(['shop-db-1 removed', 'shop-db-1 running']);
  });

  it('forgets how a container was stopped when it is to run again', async () => {
    const yaml = WEB.replace('["8080:80"]', '[]');
    const first = await up(yaml, new Rows());
    const stopped = first.containers.map((each): Change => {
      const value: Container = { ...each, target: 'stopped', stopWithinSeconds: 0, stopSignal: 2 };
      return { op: 'put', kind: 'container', value };
    });
    const rows = new Rows().apply(first.changes).apply(stopped);
    rows.apply((await up(yaml, rows)).changes);
    expect(rows.list('container')).toHaveLength(3);
    for (const each of rows.list('container')) {
      expect(each.target).toBe('running');
      for (const key of ['stopWithinSeconds', 'stopSignal']) expect(each).not.toHaveProperty(key);
    }
  });

  it('lets the new container have the address of the one that it replaces', async () => {
    const yaml = WEB.replace('["8080:80"]', '[]');
    const rows = new Rows().apply((await up(yaml, new Rows())).changes);
    const { containers } = await up(yaml, rows, { forceRecreate: true });
    expect(containers.find((each) => each.service === 'db')?.endpoints[0]?.ipv4).toBe('172.20.0.2');
  });

  it('takes away the replicas that are too many, the highest numbers first', async () => {
    const yaml = WEB.replace('["8080:80"]', '[]');
    const rows = new Rows().apply((await up(yaml, new Rows())).changes);
    const { changes } = await up(yaml, rows, { scale: { web: 1 } });
    const leaving = changes.flatMap((change) =>
      change.op === 'put' && change.kind === 'container' && change.value.target === 'removed'
        ? [change.value.name]
        : [],
    );
    expect(leaving).toEqual(['shop-web-2']);
  });

  it('counts no service of an inactive profile as an orphan, and one that the file does not have any more as one', async () => {
    const yaml = 'name: s\nservices: {web: {image: demo}, debug: {image: demo, profiles: [debug]}}\n';
    const rows = new Rows().apply((await up(yaml, new Rows(), {}, {}, ['debug'])).changes);
    expect(rows.list('container').map(({ service }) => service)).toEqual(['web', 'debug']);
    const again = await up(yaml, rows, { removeOrphans: true });
    expect(again.orphans).toEqual([]);
    expect(again.changes.map(({ kind }) => kind)).toEqual(['project']);
    expect((await up(yaml, rows)).orphans).toEqual([]);
    const without = 'name: s\nservices: {web: {image: demo}}\n';
    expect((await up(without, rows)).orphans).toMatchObject([{ service: 'debug' }]);
    const { changes } = await up(without, rows, { removeOrphans: true });
    expect(changes).toMatchObject([{ kind: 'project' }, { value: { service: 'debug', target: 'removed' } }]);
  });

  it('leaves services alone that were not named', async () => {
    const yaml = WEB.replace('["8080:80"]', '[]');
    const rows = new Rows().apply((await up(yaml, new Rows())).changes);
    const { changes } = await up(yaml, rows, { services: ['db'], forceRecreate: true });
    const touched = changes.flatMap((change) =>
      change.op === 'put' && change.kind === 'container' ? [(change.value as Container).service] : [],
    );
    expect(touched).toEqual(['db', 'db']);
  });

  it('refuses an external network that is not there, and a network of another project', async () => {
    const external = WEB.replace('["8080:80"]', '[]').replace(
      /front: \{ ipam.*\}/,
      'front: { external: true, name: nat }',
    );
    await expect(up(external.replace('{ ipv4_address: 172.20.0.2 }', '{}'), new Rows())).rejects.toThrow(
      'network nat declared as external, but could not be found',
    );
    const foreign = await up(WEB.replace('["8080:80"]', '[]'), new Rows());
    const rows = new Rows().apply(foreign.changes);
    const named = WEB.replace('["8080:80"]', '[]')
      .replace('name: shop', 'name: other')
      .replace('front: { ipam', 'front: { name: shop_front, ipam');
    await expect(up(named, rows)).rejects.toThrow('network shop_front exists, but was not made by project other');
  });

  it('warns of ports that lead nowhere, because the network is not behind the node', async () => {
    const inner = WEB.replace('scale: 2', 'scale: 1').replace('front: { ipam', 'front: { internal: true, ipam');
    expect((await up(inner, new Rows())).warnings).toEqual([
      "container shop-web-1: port 8080:80 is not published: shop_front (internal) is not behind this node; use the container's own address",
    ]);
    expect((await up(WEB.replace('scale: 2', 'scale: 1'), new Rows())).warnings).toEqual([]);
  });

  it('replaces a container together with its owner, in whose network namespace it is', async () => {
    const yaml = (command: string) => `
name: s
services:
  owner: { image: demo, command: ${command} }
  guest: { image: demo, network_mode: "service:owner" }
  inner: { image: demo, network_mode: "service:guest" }
  other: { image: demo }
`;
    const rows = new Rows().apply((await up(yaml('one'), new Rows())).changes);
    const { containers, changes } = await up(yaml('two'), rows);
    const ids = Object.fromEntries(containers.map((each) => [each.service, each.id]));
    const modes = Object.fromEntries(containers.map((each) => [each.service, each.networkMode]));
    expect(modes).toMatchObject({ guest: `container:${ids.owner}`, inner: `container:${ids.guest}` });
    const leaving = changes.flatMap((change) =>
      change.op === 'put' && change.kind === 'container' && (change.value as Container).target === 'removed'
        ? [(change.value as Container).service]
        : [],
    );
    expect(leaving.sort()).toEqual(['guest', 'inner', 'owner']);
  });

  it('takes the networks host and none for the modes of these names, and for nothing beside another', async () => {
    const virtual = (driver: 'host' | 'none') =>
      ({
        op: 'put',
        kind: 'network',
        value: { id: driver, name: driver, driver, pools: [], labels: {}, target: 'present' },
      }) as unknown as Change;
    const rows = () => new Rows().apply([virtual('host'), virtual('none')]);
    const yaml = (more: string, networks: string) => `
name: s
services:
  web: { image: demo, networks: [${networks}] }
networks:
  outer: { external: true, name: host }
  ${more}
`;
    expect((await up(yaml('', 'outer'), rows())).containers).toMatchObject([{ networkMode: 'host', endpoints: [] }]);
    const shut = yaml('outer2: { external: true, name: none }', 'outer2');
    expect((await up(shut, rows())).containers).toMatchObject([{ networkMode: 'none', endpoints: [] }]);
    await expect(up(yaml('inner: {}', 'inner, outer'), rows())).rejects.toThrow(
      'container s-web-1 cannot be connected to network host beside others: host is a network mode',
    );
    await expect(up(yaml('own: { driver: host }', 'own'), rows())).rejects.toThrow(
      'network s_own: only one instance of "host" network is allowed: use that one, external and named host',
    );
  });

  it.each([
    ['pid', 'PidMode'],
    ['ipc', 'IpcMode'],
  ])('puts a container into the %s namespace of another service, and replaces both together', async (key, option) => {
    const yaml = (command: string) =>
      `name: s\nservices: {guest: {image: demo, ${key}: "service:owner"}, owner: {image: demo, command: ${command}}}\n`;
    const modeOf = ({ containers }: { containers: Container[] }) => {
      const [guest, owner] = ['guest', 'owner'].map((name) => containers.find(({ service }) => service === name)!);
      return [guest!.spec.HostConfig?.[option], `container:${owner!.id}`];
    };
    const first = await up(yaml('one'), new Rows());
    const [mode, meant] = modeOf(first);
    expect(mode).toBe(meant);
    const rows = new Rows().apply(first.changes);
    expect((await up(yaml('one'), rows)).changes.map(({ kind }) => kind)).toEqual(['project']);
    const [later, then] = modeOf(await up(yaml('two'), rows));
    expect(later).toBe(then);
    expect(later).not.toBe(mode);
    await expect(up(yaml('one'), new Rows(), { scale: { owner: 0 } })).rejects.toThrow(
      `s-guest-1: no container of service owner to share a ${key} namespace with`,
    );
  });

  it('takes what a service does not say of its health check from the image', async () => {
    const image = {
      test: ['CMD', 'check'],
      intervalMs: 7000,
      timeoutMs: 1,
      retries: 9,
      startPeriodMs: 2,
      startIntervalMs: 3,
    };
    const yaml = `
name: s
services:
  silent: { image: demo }
  partly: { image: demo, healthcheck: { interval: 2s } }
  own: { image: demo, healthcheck: { test: [CMD, mine], retries: 1 } }
  off: { image: demo, healthcheck: { disable: true } }
  none: { image: bare }
`;
    const { containers } = await up(
      yaml,
      new Rows(),
      {},
      { image: (name) => (name === 'demo' ? { id: 'sha256:1', healthcheck: image, volumes: [] } : undefined) },
    );
    const checks = Object.fromEntries(containers.map((each) => [each.service, each.healthcheck]));
    expect(checks).toEqual({
      silent: image,
      partly: { ...image, intervalMs: 2000 },
      own: { ...image, test: ['CMD', 'mine'], retries: 1 },
      off: undefined,
      none: undefined,
    });
  });

  it('seals inline secrets and refuses those whose variable is not set', async () => {
    const yaml = `
name: s
services: { a: { image: demo, secrets: [key] } }
secrets: { key: { environment: KEY } }
`;
    await expect(up(yaml, new Rows())).rejects.toThrow('secret key: environment variable KEY is not set');
    const { containers } = await up(yaml, new Rows(), { environment: { KEY: 'hush' } });
    expect(containers[0]?.files).toMatchObject([{ target: '/run/secrets/key', content: 'sealed hush' }]);
  });
});

it('puts configs under / and secrets under /run/secrets, unless their targets are absolute', async () => {
  const uses = '[whole, {source: part, target: etc/part}, {source: text, target: etc/text}]';
  const yaml = `
name: s
services: { a: { image: demo, configs: ${uses}, secrets: [{source: key, target: sub/key}] } }
configs: { whole: { file: /w }, part: { file: /p }, text: { content: t } }
secrets: { key: { file: /k } }
`;
  const { containers } = await up(yaml, new Rows());
  expect(containers[0]?.spec.HostConfig?.['Binds']).toEqual([
    '/k:/run/secrets/sub/key:ro',
    '/w:/whole:ro',
    '/p:/etc/part:ro',
  ]);
  expect(containers[0]?.files.map(({ target }) => target)).toEqual(['/etc/text']);
});

describe('driver_opts of an attachment', () => {
  const IFNAME = 'com.docker.network.endpoint.ifname';
  const attached = (use: string) =>
    up(`name: s\nservices: {a: {image: demo, networks: {default: {${use}}}}}\n`, new Rows());

  it('are what they are in the Engine API', async () => {
    const sysctls = 'com.docker.network.endpoint.sysctls: net.ipv4.conf.IFNAME.log_martians=1';
    const { containers } = await attached(`driver_opts: {${IFNAME}: lan0, ${sysctls}, colour: 7}`);
    expect(containers[0]?.endpoints).toMatchObject([
      {
        ifName: 'lan0',
        sysctls: { 'ipv4/conf/IFNAME/log_martians': '1' },
        driverOptions: { [IFNAME]: 'lan0', colour: '7' },
      },
    ]);
  });

  it('are refused with their place', async () => {
    await expect(attached(`driver_opts: {${IFNAME}: lo}`)).rejects.toThrow(
      'services.a.networks.default: invalid interface name "lo"',
    );
    await expect(attached(`interface_name: lan1, driver_opts: {${IFNAME}: lan0}`)).rejects.toThrow(
      "services.a.networks.default: interface_name lan1 and the driver_opts' lan0 are two names for one link",
    );
  });

  it('make a new container where they change, and none where there are none', async () => {
    const rows = new Rows().apply((await attached('')).changes);
    expect((await attached('')).containers[0]?.specHash).toBe(rows.list('container')[0]?.specHash);
    expect((await attached('driver_opts: {colour: red}')).containers[0]?.specHash).not.toBe(
      rows.list('container')[0]?.specHash,
    );
  });
});

it('refuses a sysctl of an interface that the service does not have', async () => {
  const asking = (use: string) => {
    const sysctls = 'sysctls: {net.ipv4.conf.lan0.log_martians: "1"}';
    return up(`name: s\nservices: {a: {image: demo, ${sysctls}, networks: {default: {${use}}}}}\n`, new Rows());
  };
  await expect(asking('')).rejects.toThrow(
    'container s-a-1: sysctl net/ipv4/conf/lan0/log_martians = 1: the container has no interface lan0; its interfaces are eth0',
  );
  expect((await asking('interface_name: lan0')).containers).toHaveLength(1);
});

it('says of a bind mount how it is propagated, and that SELinux is to let it be used', async () => {
  const { containers } = await up(
    'name: s\nservices: {a: {image: demo, volumes: ["/a:/a:ro,z,rslave", "/b:/b:Z", "/c:/c"]}}\n',
    new Rows(),
  );
  expect(containers[0]?.spec.HostConfig?.['Binds']).toEqual(['/a:/a:ro,rslave,z', '/b:/b:rw,Z', '/c:/c:rw']);
});

describe('downChanges', () => {
  it('keeps a network on which somebody else sits', async () => {
    const rows = new Rows().apply((await up(WEB.replace('["8080:80"]', '[]'), new Rows())).changes);
    const network = rows.list('network')[0] as Network;
    const guest = { ...(rows.list('container')[0] as Container), id: 'guest', name: 'guest', project: 'other' };
    rows.apply([{ op: 'put', kind: 'container', value: guest }]);
    const changes = downChanges(rows, 'shop', { volumes: false }, undefined);
    expect(changes.some((change) => change.op === 'put' && change.kind === 'network')).toBe(false);
    expect(network.target).toBe('present');
  });

  it('leaves orphans, and what they use', async () => {
    const own = 'services: {a: {image: demo, volumes: ["own:/a", "common:/c"]}}';
    const first = `name: s\n${own}\nvolumes: {own: {}, common: {}}\n`;
    const second =
      'name: s\nservices: {b: {image: demo, volumes: ["common:/c"], networks: [n, default]}}\nnetworks: {n: {}}\nvolumes: {common: {}}\n';
    const rows = new Rows();
    rows.apply((await up(second, rows)).changes).apply((await up(first, rows)).changes);
    const changes = downChanges(rows, 's', { volumes: true, services: ['a'] }, new Set(['s_own', 's_common']));
    const gone = changes.map((change) => {
      if (change.op !== 'put' || (change.kind !== 'container' && change.kind !== 'volume')) return change;
      return `${change.kind} ${change.value.name}: ${change.value.target}`;
    });
    expect(gone).toEqual(['container s-a-1: removed', 'volume s_own: removed']);
    expect(orphansOf(rows, 's', { volumes: true, services: ['a'] }).map(({ name }) => name)).toEqual(['s-b-1']);
    expect(orphansOf(rows, 's', { volumes: true })).toEqual([]);
  });
});
