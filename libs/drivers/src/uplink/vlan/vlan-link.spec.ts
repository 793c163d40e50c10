import { describe, expect, it, vi } from 'vitest';
import { newId, unsupported } from '#lib/common';
import { NodeNames } from '#lib/domain';
import { FakeHost } from '#lib/host';
import { kernelView } from '../../kernel-view.js';
import { contextOn, network } from '../../testing/fixtures.js';
import { tag, untag } from './programs.js';
import { ensureVlan, removeVlan, vlanReady } from './vlan-link.js';

const names = new NodeNames(newId());
const tagged = network(names, 'ten', ['10.7.0.0/24'], { driver: 'transparent', uplink: 'up0', vlan: 10 });

describe('the link of a VLAN', () => {
  const nodeWith = async () => {
    const host = new FakeHost();
    await host.ip(['link add name up0 type veth peer name far'.split(' '), ['link', 'set', 'dev', 'up0', 'up']]);
    return contextOn(host, names);
  };

  it('is an 8021q link where the kernel has them, which the node itself is not on', async () => {
    const context = await nodeWith();
    const { host } = context;
    await ensureVlan(tagged, context);
    await ensureVlan(tagged, context);
    const link = names.vlan(tagged.id);
    expect((host as FakeHost).ran.slice(2).map(({ line }) => line)).toEqual([
      `link add link up0 name ${link} type vlan id 10`,
      `link set dev ${link} up`,
    ]);
    expect(host.readSysctl(`net/ipv6/conf/${link}/disable_ipv6`)).toBe('1');
    expect(vlanReady(tagged, kernelView(context))).toBe(true);
    await removeVlan(tagged, context);
    await removeVlan(tagged, context);
    expect(host.links().map(({ name }) => name)).toEqual(['lo', 'up0', 'far']);
  });

  it('is made anew on an uplink that was made anew, and needs one', async () => {
    const context = await nodeWith();
    await ensureVlan(tagged, context);
    await context.host.ip([['link', 'del', 'dev', 'up0']]);
    expect(vlanReady(tagged, kernelView(context))).toBe(false);
    await expect(ensureVlan(tagged, context)).rejects.toThrow('network ten: interface up0 is gone');
    await context.host.ip(['link add name up0 type veth peer name far'.split(' ')]);
    await ensureVlan(tagged, context);
    expect(vlanReady(tagged, kernelView(context))).toBe(true);
  });

  it('takes its program along to another uplink, where the kernel has no 8021q', async () => {
    const context = await nodeWith();
    const { host } = context;
    await host.ip(['link add name up1 type veth peer name far1'.split(' '), ['link', 'set', 'dev', 'up1', 'up']]);
    const ip = host.ip.bind(host);
    vi.spyOn(host, 'ip').mockImplementation(async (lines, netns) => {
      if (lines.some((line) => line.join(' ').includes('type vlan'))) throw unsupported('no 8021q');
      return ip(lines, netns);
    });
    const programs = () => ['up0', 'up1'].map((name) => host.programs(name, 'ingress'));
    host.attachProgram('up0', 'ingress', 'foreign', tag(1, 1));
    await ensureVlan(tagged, context);
    const own = names.vlan(tagged.id);
    expect(programs()).toEqual([['foreign', own], []]);
    const moved = { ...tagged, uplink: 'up1' };
    await ensureVlan(moved, context);
    expect(programs()).toEqual([['foreign'], [own]]);
    await removeVlan(tagged, context);
    expect(programs()).toEqual([['foreign'], []]);
  });

  it('is none for networks without a VLAN', async () => {
    const context = await nodeWith();
    const plain = network(names, 'plain', [], { driver: 'transparent', uplink: 'up0' });
    await ensureVlan(plain, context);
    expect(vlanReady(plain, kernelView(context))).toBe(true);
    expect(context.host.links()).toHaveLength(3);
  });
});

it('programs are whole instructions that end', () => {
  for (const program of [tag(10, 2), untag(10, 3)]) {
    expect(program.length % 8).toBe(0);
    expect(program[program.length - 8]).toBe(0x95);
  }
});
