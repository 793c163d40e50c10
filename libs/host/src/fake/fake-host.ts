import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { invalid, notFound, SkepError } from '#lib/common';
import type { ObservedLink, ObservedRoute } from '#lib/domain';
import type { Conversation, Forwarding, Host, IpLine, Listener, TcLine, Unanswered, Way } from '../host.js';
import { batchError, renderBatch, type BatchTool } from '../ip-lines.js';
import { checkedPath } from '../sysctl-path.js';
import { interpret } from './fake-ip.js';
import { FakeNetns, Refused } from './fake-netns.js';

/** A host in memory that keeps state as a kernel does, for tests without root. The same contract suite runs on both. */
export class FakeHost implements Host {
  /** every line that ran, in order; those of tc begin with its name */
  readonly ran: { line: string; netns?: string }[] = [];
  /** every link that was announced while it was there, in order */
  readonly announced: { link: string; netns?: string }[] = [];
  private readonly node = new FakeNetns();
  readonly firewall = this.node.firewall;
  private readonly namespaces = new Map<string, FakeNetns>();
  private readonly processes = new Map<number, Set<() => void>>();
  private readonly followers = new Set<() => void>();
  private readonly forwardingFollowers = new Set<(links: ReadonlySet<string>) => void>();
  private telling: NodeJS.Immediate | undefined;

  ip(lines: readonly IpLine[], netns?: string): Promise<void> {
    return this.run('ip', lines, netns, (line, here) => interpret(line, here, (name) => this.namespace(name)));
  }

  /** Knows which links there are, and nothing of what tc does to them. */
  attachProgram(link: string, way: Way, name: string): void {
    const found = this.node.links.get(link);
    if (!found) throw notFound(`attach ${name}: there is no link ${link}`);
    found.programs.set(`${way} ${name}`, name);
  }

  detachProgram(link: string, way: Way, name: string): void {
    this.node.links.get(link)?.programs.delete(`${way} ${name}`);
  }

  programs(link: string, way: Way): string[] {
    const all = this.node.links.get(link)?.programs ?? new Map<string, string>();
    return [...all].filter(([key]) => key.startsWith(`${way} `)).map(([, name]) => name);
  }

  tc(lines: readonly TcLine[], netns?: string): Promise<void> {
    return this.run('tc', lines, netns, (line, here) => {
      const at = line.indexOf('dev');
      if (at >= 0) here.link(line[at + 1] ?? '');
    });
  }

  forwarding(link: string): Forwarding[] {
    return [...(this.node.links.get(link)?.forwarding.values() ?? [])];
  }

  async forward(link: string, change: { remove: readonly Forwarding[]; put: readonly Forwarding[] }): Promise<void> {
    const found = this.node.links.get(link);
    if (!found) throw notFound(`Cannot find device "${link}"`);
    for (const entry of change.remove) found.forwarding.delete(keyOf(entry));
    for (const entry of change.put) found.forwarding.set(keyOf(entry), entry);
    setImmediate(() => {
      for (const each of this.forwardingFollowers) each(new Set([link]));
    });
  }

  /** The fake asks nobody. */
  unanswered(): Unanswered[] {
    return [];
  }

  isWireless(): boolean {
    return false;
  }

  announce(link: string, netns?: string): void {
    const there = (netns === undefined ? this.node : this.namespaces.get(netns))?.links.has(link);
    if (there) this.announced.push({ link, ...(netns !== undefined && { netns }) });
  }

  links(netns?: string): ObservedLink[] {
    return this.namespace(netns).observeLinks();
  }

  routes(netns?: string): ObservedRoute[] {
    return this.namespace(netns).observeRoutes();
  }

  inside(netns: string): { links: ObservedLink[]; routes: ObservedRoute[] } {
    return { links: this.links(netns), routes: this.routes(netns) };
  }

  async createNetns(name: string): Promise<void> {
    if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) throw invalid(`network namespace ${JSON.stringify(name)}`);
    if (!this.namespaces.has(name)) this.namespaces.set(name, new FakeNetns());
  }

  async removeNetns(name: string): Promise<void> {
    const gone = this.namespaces.get(name);
    for (const link of gone?.links.values() ?? []) gone?.deleteLink(link);
    this.namespaces.delete(name);
    this.tellChange();
  }

  listNetns(prefix: string): string[] {
    return [...this.namespaces.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  /** A folder on disk: others write into it as they would into the kernel's. */
  ensureMemoryFolder(path: string): void {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  removeMemoryFolder(path: string): void {
    if (existsSync(path) && readdirSync(path).length === 0) rmdirSync(path);
  }

  sysctl(path: string, value: string, options: { netns?: string; optional?: boolean } = {}): void {
    const known = this.readSysctl(path, options.netns) !== undefined;
    if (known) this.namespace(options.netns).sysctls.set(path, value);
    else if (!options.optional) throw notFound(`sysctl ${path} = ${value}: this kernel does not have it`);
  }

  /** Knows net/ipv4 and net/ipv6, settings of a link only while the link exists, and nothing else. */
  readSysctl(path: string, netns?: string): string | undefined {
    const here = this.namespace(netns);
    const link = /^net\/ipv[46]\/conf\/([^/]+)\//.exec(checkedPath(path))?.[1];
    const exists = /^net\/ipv[46]\//.test(path) && (!link || ['all', 'default'].includes(link) || here.links.has(link));
    return exists ? (here.sysctls.get(path) ?? (path.endsWith('/accept_ra') ? '1' : '0')) : undefined;
  }

  nft(ruleset: string, netns?: string): void {
    this.namespace(netns).firewall.apply(ruleset);
  }

  /** Lets somebody converse. */
  converse(conversation: Conversation, netns?: string): void {
    this.namespace(netns).conversations.push(conversation);
  }

  conversations(netns?: string): readonly Conversation[] {
    return this.namespace(netns).conversations;
  }

  async endConversations(stray: (each: Conversation) => boolean, netns?: string): Promise<number> {
    const here = this.namespace(netns);
    const { length } = here.conversations;
    here.conversations = here.conversations.filter((each) => !stray(each));
    return length - here.conversations.length;
  }

  nftTable(family: string, name: string, netns?: string): unknown[] | undefined {
    return this.namespace(netns).firewall.table(family, name);
  }

  nftRuleset(): unknown[] {
    const { firewall } = this.namespace(undefined);
    return firewall.names.flatMap((each) => {
      const [family = '', name = ''] = each.split(' ');
      return firewall.table(family, name) ?? [];
    });
  }

  /** Tables are texts here, so it knows no chains; a test that needs some says so itself. */
  nftChains(): unknown[] {
    return this.nftRuleset().filter((each) => Object.hasOwn(each as object, 'chain'));
  }

  /** Lets a process begin; `end` ends it. */
  begin(pid: number): void {
    this.processes.set(pid, new Set());
  }

  end(pid: number): void {
    const watchers = this.processes.get(pid);
    this.processes.delete(pid);
    for (const ended of watchers ?? []) ended();
  }

  onExit(pid: number, ended: () => void): () => void {
    const watchers = this.processes.get(pid);
    if (!watchers) {
      const soon = setImmediate(ended);
      return () => clearImmediate(soon);
    }
    const watcher = () => ended();
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }

  onLinkChange(changed: () => void): () => void {
    const listener = () => changed();
    this.followers.add(listener);
    return () => this.followers.delete(listener);
  }

  onForwardingChange(changed: (links: ReadonlySet<string> | undefined) => void): () => void {
    const listener = (links: ReadonlySet<string>) => changed(links);
    this.forwardingFollowers.add(listener);
    return () => this.forwardingFollowers.delete(listener);
  }

  /** Nothing but skep runs on a fake node. */
  listening(): boolean {
    return false;
  }

  listeners(): Listener[] {
    return [];
  }

  close(): void {
    this.followers.clear();
    this.forwardingFollowers.clear();
    for (const watchers of this.processes.values()) watchers.clear();
    clearImmediate(this.telling);
  }

  private async run(
    tool: BatchTool,
    lines: readonly IpLine[],
    netns: string | undefined,
    perform: (line: IpLine, here: FakeNetns) => void,
  ): Promise<void> {
    renderBatch(lines, tool);
    const here = this.namespace(netns);
    for (const [index, line] of lines.entries()) {
      try {
        perform(line, here);
        const text = tool === 'ip' ? line.join(' ') : `${tool} ${line.join(' ')}`;
        this.ran.push({ line: text, ...(netns !== undefined && { netns }) });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        throw batchError(lines, `${error.message}\nCommand failed -:${index + 1}\n`, netns, tool);
      } finally {
        this.tellChange();
      }
    }
  }

  private namespace(name: string | undefined): FakeNetns {
    if (name === undefined) return this.node;
    const found = this.namespaces.get(name);
    if (found) return found;
    throw new SkepError('not_found', `/run/netns/${name} is no network namespace`);
  }

  private tellChange(): void {
    this.telling ??= setImmediate(() => {
      this.telling = undefined;
      for (const follower of this.followers) follower();
    });
  }
}

function keyOf(entry: Forwarding): string {
  return `${entry.table} ${entry.table === 'neighbour' ? entry.to : entry.mac}`;
}
