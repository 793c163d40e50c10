import { existsSync } from 'node:fs';
import { notFound, SkepError } from '#lib/common';
import type { ObservedLink, ObservedRoute, Protocol } from '#lib/domain';
import type { Conversation, Forwarding, Host, IpLine, Listener, TcLine, Unanswered, Way } from '../host.js';
import { observeForwarding, observeLinks, observeRoutes, observeUnanswered } from '../netlink/observe.js';
import { normalizeListing } from '../nft-listing.js';
import { renderBatch } from '../ip-lines.js';
import { Announcer } from './announcer.js';
import { attachProgram, detachProgram, programNames } from './bpf.js';
import { endConversations } from './conversations.js';
import { runForwarding, runLines } from './ip.js';
import { runBatch } from './ip-batch.js';
import { isListening, listenersOf } from './listeners.js';
import { ensureMemoryFolder, removeMemoryFolder } from './memory-folder.js';
import { Namespaces } from './namespaces.js';
import { createNetns, inNetns, listNetns, removeNetns } from './netns.js';
import { Nft } from './nft.js';
import { NftElsewhere } from './nft-elsewhere.js';
import { readSysctl, writeSysctl } from './sysctl.js';
import { ExitWatch, ForwardingWatch, LinkWatch } from './watch.js';

class KernelHost implements Host {
  private readonly firewall = new Nft();
  private readonly elsewhere = new NftElsewhere();
  private readonly announcer = new Announcer();
  private readonly exits = new ExitWatch();
  private readonly changes = new LinkWatch();
  private readonly forwardings = new ForwardingWatch();
  private readonly namespaces = new Namespaces();
  private last: readonly ObservedLink[] | undefined;

  ip(lines: readonly IpLine[], netns?: string): Promise<void> {
    return runLines(lines, netns);
  }

  async tc(lines: readonly TcLine[], netns?: string): Promise<void> {
    if (lines.length > 0) await runBatch('tc', lines, renderBatch(lines, 'tc'), netns);
  }

  attachProgram(link: string, way: Way, name: string, code: Buffer): void {
    const index = this.indexOf(link);
    if (index === undefined) throw notFound(`attach ${name}: there is no link ${link}`);
    attachProgram(index, way, name, code);
  }

  detachProgram(link: string, way: Way, name: string): void {
    const index = this.indexOf(link);
    if (index !== undefined) detachProgram(index, way, name);
  }

  programs(link: string, way: Way): string[] {
    const index = this.indexOf(link);
    return index === undefined ? [] : programNames(index, way);
  }

  forwarding(link: string): Forwarding[] {
    const index = this.indexOf(link);
    return index === undefined ? [] : observeForwarding(index);
  }

  forward(link: string, change: { remove: readonly Forwarding[]; put: readonly Forwarding[] }): Promise<void> {
    return runForwarding(link, change);
  }

  unanswered(netns?: string): Unanswered[] {
    return inNetns(netns, observeUnanswered);
  }

  announce(link: string, netns?: string): void {
    this.announcer.announce(link, netns);
  }

  links(netns?: string): readonly ObservedLink[] {
    if (netns !== undefined) return this.namespaces.read(netns).links;
    if (this.changes.takeChanged()) this.last = undefined;
    return (this.last ??= observeLinks());
  }

  isWireless(link: string): boolean {
    // cfg80211 says so with the first, older drivers with the second.
    return ['phy80211', 'wireless'].some((each) => existsSync(`/sys/class/net/${link}/${each}`));
  }

  routes(netns?: string): readonly ObservedRoute[] {
    return netns === undefined ? observeRoutes() : this.namespaces.read(netns).routes;
  }

  inside(netns: string): { links: readonly ObservedLink[]; routes: readonly ObservedRoute[] } {
    return this.namespaces.read(netns);
  }

  async createNetns(name: string): Promise<void> {
    createNetns(name);
  }

  async removeNetns(name: string): Promise<void> {
    this.elsewhere.close(name);
    removeNetns(name);
  }

  listNetns(prefix: string): string[] {
    return listNetns(prefix);
  }

  ensureMemoryFolder(path: string, megabytes: number, apart?: boolean): void {
    ensureMemoryFolder(path, megabytes, apart);
  }

  removeMemoryFolder(path: string): void {
    removeMemoryFolder(path);
  }

  sysctl(path: string, value: string, options?: { netns?: string; optional?: boolean }): void {
    writeSysctl(path, value, options);
  }

  readSysctl(path: string, netns?: string): string | undefined {
    return readSysctl(path, netns);
  }

  nft(ruleset: string, netns?: string): void {
    this.runNft(ruleset, netns);
  }

  nftTable(family: string, name: string, netns?: string): unknown[] | undefined {
    try {
      return normalizeListing(this.runNft(`list table ${family} ${name}`, netns));
    } catch (error) {
      if (SkepError.is(error, 'not_found')) return undefined;
      throw error;
    }
  }

  private runNft(commands: string, netns: string | undefined): string {
    return netns === undefined ? this.firewall.run(commands) : this.elsewhere.run(netns, commands);
  }

  nftRuleset(): unknown[] {
    return this.listed('ruleset');
  }

  nftChains(): unknown[] {
    return this.listed('chains');
  }

  private listed(what: 'ruleset' | 'chains'): unknown[] {
    return (JSON.parse(this.firewall.run(`list ${what}`)) as { nftables: unknown[] }).nftables;
  }

  endConversations(stray: (each: Conversation) => boolean, netns?: string): Promise<number> {
    return endConversations(stray, netns);
  }

  listening(protocol: Protocol, port: number, hostIp: string): boolean {
    return isListening(protocol, port, hostIp);
  }

  listeners(protocol: Protocol, pid: number): Listener[] {
    return listenersOf(protocol, pid);
  }

  onExit(pid: number, ended: () => void): () => void {
    return this.exits.onExit(pid, ended);
  }

  onLinkChange(changed: () => void): () => void {
    const stops = [this.changes.onChange(changed), this.namespaces.onChange(changed)];
    return () => stops.forEach((stop) => stop());
  }

  onForwardingChange(changed: (links: ReadonlySet<string> | undefined) => void): () => void {
    return this.forwardings.onChange((indices) => {
      const known = this.links().filter(({ index }) => indices?.has(index));
      changed(indices && new Set(known.map(({ name }) => name)));
    });
  }

  private indexOf(link: string): number | undefined {
    return this.links().find(({ name }) => name === link)?.index;
  }

  close(): void {
    this.announcer.close();
    this.exits.close();
    this.changes.close();
    this.forwardings.close();
    this.namespaces.close();
    this.firewall.close();
    this.elsewhere.closeAll();
  }
}

/** The real kernel. Needs root (CAP_NET_ADMIN, CAP_SYS_ADMIN); each call fails by itself without it. */
export function createHost(): Host {
  return new KernelHost();
}
