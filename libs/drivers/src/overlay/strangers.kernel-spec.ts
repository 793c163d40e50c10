import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames, type Network } from '#lib/domain';
import type { EndpointOf } from '../driver.js';
import { natRules } from '../nat/rules.js';
import { driverFor } from '../registry.js';
import { attach, container, contextOn, network } from '../testing/fixtures.js';
import { Lab } from '../testing/lab.js';

const NODE = '192.0.2.1';
const NODE6 = '2001:db8::1';
/** Another address of the node, at which no frames are expected. */
const ELSEWHERE = '192.0.2.101';
const PEER = '192.0.2.2';
const PEER6 = '2001:db8::2';
const STRANGER = '192.0.2.3';
const STRANGER6 = '2001:db8::3';
const PORT = 4790;
const MARK = 'deadbeefcafe';

/** What any program can do: a datagram with VXLAN's header and a frame in it. */
const FORGE = `
  const [to, port, vni, mac, mark, from] = process.argv.slice(1);
  const header = Buffer.from('08000000' + Number(vni).toString(16).padStart(6, '0') + '00', 'hex');
  const frame = Buffer.from(mac.replaceAll(':', '') + '0600000000aa' + '88b5' + mark.repeat(8), 'hex');
  const socket = require('node:dgram').createSocket(to.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, from, () =>
    socket.send(Buffer.concat([header, frame]), Number(port), to, () => setTimeout(() => process.exit(0), 50)));`;

const names = new NodeNames(newId());
const overlay = (vni: number, local: string, vtep: string): NonNullable<Network['overlay']> => {
  return { vni, local, port: PORT, peers: [{ mac: '06:00:00:00:00:20', ipv4: '10.9.0.20', vtep }] };
};
const red = network(names, 'red', ['172.30.0.0/24', 'fd00:30::/64']);
const inner = network(names, 'inner', ['172.29.0.0/24'], { internal: true });
const wide = network(names, 'wide', ['10.9.0.0/24'], { driver: 'overlay', overlay: overlay(4097, NODE, PEER) });
const wide6 = network(names, 'wide6', ['10.9.1.0/24'], { driver: 'overlay', overlay: overlay(4098, NODE6, PEER6) });
const networks = [red, inner, wide, wide6];

const web = attach(red, container('web'), { ipv4: '172.30.0.10', ipv6: 'fd00:30::10' });
const shut = attach(inner, container('shut'), { ipv4: '172.29.0.10' });
const target = attach(wide, container('target'), { ipv4: '10.9.0.10' });
const target6 = attach(wide6, container('target6'), { ipv4: '10.9.1.10' });
const endpoints = [web, shut, target, target6];

describe('frames of an overlay network that is not encrypted', () => {
  let lab: Lab;
  const ns = (at: EndpointOf) => names.netns(at.container.id);
  const vniOf = (at: EndpointOf) => at.network.overlay!.vni;

  function forge(netns: string | undefined, to: string, at = target, from = ''): void {
    const { mac } = at.endpoint;
    const sent = lab.run(netns, [process.execPath, '-e', FORGE, to, `${PORT}`, `${vniOf(at)}`, mac, MARK, from]);
    expect(sent).toEqual({ ok: true, out: '' });
  }
  /** Does what is sent to that address come out at the container? */
  async function arrives(netns: string | undefined, to: string, at = target, from = ''): Promise<boolean> {
    const seen = await lab.capture(ns(at), 'eth0', () => forge(netns, to, at, from));
    return seen.countOf(MARK) > 0;
  }

  beforeAll(async () => {
    lab = new Lab();
    const context = contextOn(lab.host, names);
    await lab.segment(['peer', 'stranger']);
    await lab.host.ip([['addr', 'add', `${ELSEWHERE}/24`, 'dev', 'up0']]);
    for (const each of networks) await driverFor(each.driver).ensureNetwork(each, context);
    for (const each of endpoints) {
      await lab.host.createNetns(ns(each));
      await driverFor(each.network.driver).ensureEndpoint(each, context);
    }
    await lab.carriers();
    lab.host.nft(
      natRules(
        names,
        networks,
        endpoints.map((each) => each.container),
      ),
    );
  });
  afterAll(async () => {
    for (const each of endpoints) await lab.host.removeNetns(ns(each));
    await lab.close();
  });

  it('are taken from nodes with endpoints of it', async () => {
    expect(await arrives(lab.netns('peer'), NODE)).toBe(true);
    expect(await arrives(lab.netns('peer'), NODE6, target6)).toBe(true);
  });

  it('are no connections of the node in either direction; what else comes to that port is', async () => {
    await arrives(lab.netns('peer'), NODE);
    await arrives(lab.netns('peer'), NODE6, target6);
    for (const to of [PEER, PEER6, STRANGER]) forge(undefined, to);
    const tracked: string[] = [];
    await lab.host.endConversations(({ to }) => {
      if (to.port === PORT) tracked.push(to.address);
      return false;
    });
    expect(tracked).toEqual([STRANGER]);
  });

  it('are taken from nobody else', async () => {
    expect(await arrives(lab.netns('stranger'), NODE)).toBe(false);
    expect(await arrives(lab.netns('stranger'), NODE6, target6)).toBe(false);
  });

  it('are taken at no other address: where those of other nodes’ containers could come', async () => {
    expect(await arrives(lab.netns('peer'), ELSEWHERE)).toBe(false);
  });

  it.each([
    ['a container', web, '172.30.0.1', target],
    ['a container, by the node’s own address', web, NODE, target],
    ['a container, by IPv6', web, 'fd00:30::1', target6],
    ['a container of an internal network', shut, '172.29.0.1', target],
    ['a container of another one', target6, '10.9.1.1', target],
  ])('are not taken from %s', async (_, from, to, at) => {
    expect(await arrives(ns(from), to, at)).toBe(false);
  });

  it('are not taken from a container that gives itself a node’s address', async () => {
    await lab.host.ip([['addr', 'add', `${PEER}/32`, 'dev', 'lo']], ns(web));
    expect(await arrives(ns(web), NODE, target, PEER)).toBe(false);
    await lab.host.ip([['addr', 'del', `${PEER}/32`, 'dev', 'lo']], ns(web));
  });

  it('do not get from a container to other nodes, where they would come from this one; elsewhere the port is anybody’s', async () => {
    const to = async (host: string, addresses: string[]) => {
      const seen = await lab.capture(lab.netns(host), 'eth0', () => {
        for (const address of addresses) forge(ns(web), address);
      });
      return seen.lines(`udp dst port ${PORT}`).map((line) => / (192\S+|2001\S+)\.\d+ > /.exec(line)?.[1]);
    };
    expect(await to('peer', [PEER, PEER6])).toEqual([]);
    expect(await to('stranger', [STRANGER, STRANGER6])).toEqual([NODE, NODE6]);
  });
});
