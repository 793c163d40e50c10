import { DEMO_IMAGE } from '../harness/image.js';

export interface Step {
  /** what documents call it by */
  title: string;
  method: string;
  /** `{name}` stands for an id that an earlier step kept under that name */
  path: string;
  body?: unknown;
  /** the name under which the answer's `Id` is kept */
  keep?: string;
  /** milliseconds to let pass before it is asked, for what an engine hears of itself after it has answered */
  after?: number;
}

const json = (value: unknown) => encodeURIComponent(JSON.stringify(value));
const step = (title: string, line: string, body?: unknown, keep?: string): Step => {
  const [method = '', path = ''] = line.split(' ');
  return { title, method, path, body, keep };
};
const network = (Name: string, Subnet: string, more: object = {}) => ({
  Name,
  Driver: 'bridge',
  CheckDuplicate: true,
  IPAM: { Driver: 'default', Config: [{ Subnet }] },
  Labels: { tier: 'back' },
  ...more,
});
const container = (host: object = {}, more: object = {}) => ({
  Image: DEMO_IMAGE,
  Cmd: ['serve'],
  Env: ['A=one'],
  Labels: { tier: 'front' },
  ExposedPorts: { '80/tcp': {} },
  HostConfig: { NetworkMode: 'one', PortBindings: { '80/tcp': [{ HostPort: '8080' }] }, ...host },
  ...more,
});
const exec = { Cmd: ['echo', 'said'], AttachStdout: true, AttachStderr: true };

const networks = [
  step('create a network', 'POST /networks/create', network('one', '10.50.0.0/24')),
  step('create another network', 'POST /networks/create', network('two', '10.51.0.0/24')),
  step('create a network of a name that is taken', 'POST /networks/create', network('one', '10.52.0.0/24')),
  step('create a network on a subnet that is taken', 'POST /networks/create', network('over', '10.50.0.0/25')),
  step('create a network without a name', 'POST /networks/create', network('', '10.53.0.0/24')),
  step('create a network with an unknown driver', 'POST /networks/create', { Name: 'odd', Driver: 'nope' }),
  step('create a network with a malformed subnet', 'POST /networks/create', network('odd', '10.54.0.0')),
  step('create a network with broken JSON types', 'POST /networks/create', { Name: 5 }),
  step('list networks', `GET /networks?filters=${json({ name: ['one'], label: ['tier=back'] })}`),
  step('list networks by an unknown filter', `GET /networks?filters=${json({ colour: ['red'] })}`),
  step('inspect a network', 'GET /networks/one'),
  step('inspect an unknown network', 'GET /networks/nope'),
  step('remove an unknown network', 'DELETE /networks/nope'),
  step('remove a pre-defined network', 'DELETE /networks/host'),
];

const containers = [
  step(
    'create a container of an unknown image',
    'POST /containers/create?name=odd',
    container({}, { Image: 'nope:1' }),
  ),
  step(
    'create a container with a malformed image',
    'POST /containers/create?name=odd',
    container({}, { Image: 'No:!' }),
  ),
  step('create a container without a command', 'POST /containers/create?name=odd', { Image: DEMO_IMAGE }),
  step('create a container with a malformed name', 'POST /containers/create?name=%2F!x', container()),
  step('create a container with a port too large', 'POST /containers/create?name=odd', {
    ...container(),
    ExposedPorts: { '99999/tcp': {} },
  }),
  step('create a container with a malformed host port', 'POST /containers/create?name=odd', {
    ...container({ PortBindings: { '80/tcp': [{ HostPort: 'abc' }] } }),
  }),
  step('create a container', 'POST /containers/create?name=web', container()),
  step('create a container of a name that is taken', 'POST /containers/create?name=web', container()),
  step('create a container for the same port', 'POST /containers/create?name=late', container()),
  step('start a container', 'POST /containers/web/start'),
  step('start a running container', 'POST /containers/web/start'),
  step('start an unknown container', 'POST /containers/nope/start'),
  step('start a container whose port is taken', 'POST /containers/late/start'),
  step('remove a created container', 'DELETE /containers/late'),
  step('list containers', `GET /containers/json?filters=${json({ name: ['web'] })}`),
  step('list containers by an unknown filter', `GET /containers/json?filters=${json({ colour: ['red'] })}`),
  step('inspect a container', 'GET /containers/web/json'),
  step('inspect an unknown container', 'GET /containers/nope/json'),
  step('top', 'GET /containers/web/top'),
  step('stats of a moment', 'GET /containers/web/stats?stream=0&one-shot=1'),
  step('logs without a stream', 'GET /containers/web/logs'),
  step('logs of an unknown container', 'GET /containers/nope/logs?stdout=1'),
  step('changes', 'GET /containers/web/changes'),
  step('archive of an unknown path', 'GET /containers/web/archive?path=/nope'),
  step('update', 'POST /containers/web/update', { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } }),
  step('kill by an unknown signal', 'POST /containers/web/kill?signal=NOPE'),
  step('pause', 'POST /containers/web/pause'),
  step('pause a paused container', 'POST /containers/web/pause'),
  step('exec in a paused container', 'POST /containers/web/exec', exec),
  // Docker Engine is told of its own pause once more, by containerd. Told after the unpause, it takes it for a new one.
  { ...step('unpause', 'POST /containers/web/unpause'), after: 2_000 },
  step('unpause a running container', 'POST /containers/web/unpause'),
  step('rename', 'POST /containers/web/rename?name=shop'),
  step('rename to its own name', 'POST /containers/shop/rename?name=shop'),
  step('remove a running container', 'DELETE /containers/shop'),
];

const execs = [
  step('create an exec', 'POST /containers/shop/exec', exec, 'exec'),
  step('start an exec', 'POST /exec/{exec}/start', { Detach: false, Tty: false }),
  step('inspect an exec', 'GET /exec/{exec}/json'),
  step('create an exec without a command', 'POST /containers/shop/exec', { Cmd: [] }),
  step('inspect an unknown exec', 'GET /exec/nope/json'),
  step('start an unknown exec', 'POST /exec/nope/start', { Detach: false, Tty: false }),
];

const connections = [
  step('connect', 'POST /networks/two/connect', { Container: 'shop', EndpointConfig: { Aliases: ['api'] } }),
  step('connect again', 'POST /networks/two/connect', { Container: 'shop' }),
  step('connect an unknown container', 'POST /networks/two/connect', { Container: 'nope' }),
  step('connect to an unknown network', 'POST /networks/nope/connect', { Container: 'shop' }),
  step('inspect a network with a container', 'GET /networks/two'),
  step('remove a network in use', 'DELETE /networks/two'),
  step('disconnect', 'POST /networks/two/disconnect', { Container: 'shop' }),
  step('disconnect again', 'POST /networks/two/disconnect', { Container: 'shop' }),
  step('remove a network', 'DELETE /networks/two'),
];

const volumes = [
  step('create a volume', 'POST /volumes/create', { Name: 'data', Labels: { tier: 'back' } }),
  step('create a volume again', 'POST /volumes/create', { Name: 'data' }),
  step('create a volume with an unknown driver', 'POST /volumes/create', { Name: 'odd', Driver: 'nope' }),
  step('create a volume with a malformed name', 'POST /volumes/create', { Name: '../odd' }),
  step('list volumes', `GET /volumes?filters=${json({ name: ['data'] })}`),
  step('inspect a volume', 'GET /volumes/data'),
  step('inspect an unknown volume', 'GET /volumes/nope'),
  step('create a container with a volume', 'POST /containers/create?name=keeps', container({ Binds: ['data:/data'] })),
  step('remove a volume in use', 'DELETE /volumes/data'),
  step('remove its container', 'DELETE /containers/keeps'),
  step('remove a volume', 'DELETE /volumes/data'),
  step('remove an unknown volume', 'DELETE /volumes/nope'),
];

const images = [
  step('list images', 'GET /images/json'),
  step('inspect an image', `GET /images/${DEMO_IMAGE}/json`),
  step('inspect an unknown image', 'GET /images/nope:1/json'),
  step('history of an image', `GET /images/${DEMO_IMAGE}/history`),
  step('tag', `POST /images/${DEMO_IMAGE}/tag?repo=other&tag=1`),
  step('tag malformed', `POST /images/${DEMO_IMAGE}/tag?repo=No!&tag=1`),
  step('remove a tag', 'DELETE /images/other:1'),
  step('remove an unknown image', 'DELETE /images/nope:1'),
];

const ends = [
  step('stop', 'POST /containers/shop/stop?t=1'),
  step('stop a stopped container', 'POST /containers/shop/stop'),
  step('kill a stopped container', 'POST /containers/shop/kill'),
  step('exec in a stopped container', 'POST /containers/shop/exec', exec),
  step('pause a stopped container', 'POST /containers/shop/pause'),
  step('restart', 'POST /containers/shop/restart?t=1'),
  step('kill', 'POST /containers/shop/kill'),
  step('wait', 'POST /containers/shop/wait'),
  step('inspect a stopped container', 'GET /containers/shop/json'),
  step('remove a container', 'DELETE /containers/shop?v=1'),
  step('remove an unknown container', 'DELETE /containers/nope'),
  step('remove the network', 'DELETE /networks/one'),
];

const system = [
  step('ping', 'GET /_ping'),
  step('version', 'GET /version'),
  step('info', 'GET /info'),
  step('disk usage', 'GET /system/df'),
  step('an unknown path', 'GET /nope'),
  step('nodes outside a swarm', 'GET /nodes'),
  step('leave outside a swarm', 'POST /swarm/leave'),
];

/** What is asked of both, in this order: each step may rest on those before. */
export const SCRIPT: readonly Step[] = [
  ...system,
  ...networks,
  ...containers,
  ...execs,
  ...connections,
  ...volumes,
  ...images,
  ...ends,
];
