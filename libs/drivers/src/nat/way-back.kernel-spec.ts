import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, waitFor } from '#lib/common';
import { NodeNames } from '#lib/domain';
import type { DriverContext, EndpointOf } from '../driver.js';
import { attach, container, contextOn, network, published } from '../testing/fixtures.js';
import { Lab } from '../testing/lab.js';
import { natDriver } from './nat-driver.js';
import { natRules } from './rules.js';

const NODE = '192.0.2.1';
const names = new NodeNames(newId());
const red = network(names, 'red', ['172.30.0.0/24']);
/** What holds the default route here instead of a driver's network: a link to the segment by hand. */
const lan = network(names, 'lan', ['192.0.2.0/24'], { driver: 'transparent' });

const quiet = attach(red, container('quiet'), { ipv4: '172.30.0.11' });
const aside = attach(red, container('aside', [published(8080)]), { ipv4: '172.30.0.10' });
aside.defaultRoute = { ipv4: false, ipv6: false };
attach(lan, aside.container, { ipv4: '192.0.2.50', ifName: 'eth1' });
const endpoints = [quiet, aside];

/** Connects, is told that the server has said all, and says so itself when the node has forgotten the connection. */
const LATE = `
  const socket = require('node:net').connect({ host: process.argv[1], port: 7000, allowHalfOpen: true });
  socket.resume().on('end', () => setTimeout(() => socket.end(), 2500));
  setTimeout(() => process.exit(0), 3500);`;
const SERVER = `require('node:net').createServer({ allowHalfOpen: true }, (s) => s.on('error', () => {}).end()).listen(7000);`;

describe('the way back through the node', () => {
  let lab: Lab;
  let context: DriverContext;
  const ns = (at: EndpointOf) => names.netns(at.container.id);
  const out = () => lab.netns('out');

  beforeAll(async () => {
    lab = new Lab();
    context = contextOn(lab.host, names);
    await lab.segment(['out', 'router']);
    await natDriver.ensureNetwork(red, context);
    for (const each of endpoints) {
      await lab.host.createNetns(ns(each));
      await natDriver.ensureEndpoint(each, context);
    }
    // As a transparent network: a link of its own on the segment, and that one's router.
    await lab.host.ip([['link', 'add', 'name', 'side', 'link', 'up0', 'type', 'macvlan', 'mode', 'bridge']]);
    await lab.host.ip([['link', 'set', 'side', 'netns', ns(aside), 'name', 'eth1']]);
    await lab.host.ip(
      [
        ['addr', 'add', '192.0.2.50/24', 'dev', 'eth1'],
        ['link', 'set', 'eth1', 'up'],
        ['route', 'add', 'default', 'via', '192.0.2.3', 'dev', 'eth1'],
      ],
      ns(aside),
    );
    lab.host.nft(
      natRules(
        names,
        [red, lan],
        endpoints.map((each) => each.container),
      ),
    );
    await lab.serve(ns(aside));
    // Somebody who is reached by the segment's router alone.
    await lab.host.ip([['addr', 'add', '198.51.100.7/32', 'dev', 'lo']], out());
    await lab.host.ip([['route', 'add', '198.51.100.7/32', 'via', '192.0.2.2']]);
    await lab.carriers();
  });

  afterAll(async () => {
    for (const each of endpoints) await lab.host.removeNetns(ns(each));
    await lab.close();
  });

  it('is taken by what a port answers, wherever the container’s default route leads', () => {
    expect(lab.asks(out(), NODE, 8080)).toBe('172.30.0.1');
    const url = `http://${NODE}:8080/cgi-bin/who`;
    expect(lab.run(out(), ['curl', '-s', '-m', '2', '--interface', '198.51.100.7', url]).out).toContain('172.30.0.1');
    expect(lab.asks(undefined, NODE, 8080)).not.toBe('unreachable');
  });

  it('is not taken by the late end of a connection that the node has forgotten, which it could not translate', async () => {
    lab.host.sysctl('net/netfilter/nf_conntrack_tcp_timeout_close_wait', '1');
    lab.start(out(), [process.execPath, '-e', SERVER]);
    const listens = () => lab.run(out(), ['ss', '-Hltn', 'sport = :7000']).out !== '';
    await waitFor(listens, { ms: 10_000, what: 'the server listens' });
    const seen = await lab.capture(out(), 'eth0', () => {
      expect(lab.run(ns(quiet), [process.execPath, '-e', LATE, '192.0.2.2']).ok).toBe(true);
    });
    expect(seen.lines('tcp port 7000').length).toBeGreaterThan(3);
    expect(seen.lines('src net 172.30.0.0/24')).toEqual([]);
  });
});
