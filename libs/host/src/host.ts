import type { ObservedLink, ObservedRoute, Protocol } from '#lib/domain';

/** One `ip` command as an argument vector, without the word `ip`: `['link', 'set', 'lo', 'up']`. */
export type IpLine = readonly string[];

/** One `tc` command likewise: `['qdisc', 'add', 'dev', 'lo', 'clsact']`. */
export type TcLine = readonly string[];

/** A socket that takes connections or datagrams. */
export interface Listener {
  /** as text; 0.0.0.0 or :: for every address */
  address: string;
  port: number;
}

/**
 * What a link was told about where frames go, one entry a line. `tunnel`: a tunnel's frames for the MAC go to the end at
 * that address. `bridge`: the bridge that the link is a port of sends frames for the MAC to it. `neighbour`: who has an
 * address on the link.
 */
export type Forwarding = { table: 'tunnel' | 'neighbour'; mac: string; to: string } | { table: 'bridge'; mac: string };

/** An address that nobody on the link has answered for. */
export interface Unanswered {
  link: string;
  address: string;
}

/**
 * What connection tracking follows of UDP: who began and who was spoken to, as it was sent; who answers in fact, and to
 * whom. Translation makes the second pair another one than the first.
 */
export interface Conversation {
  from: Speaker;
  to: Speaker;
  with: Speaker;
  back: Speaker;
}

export interface Speaker {
  address: string;
  port: number;
}

/** Frames into the node's own stack, or out by the link. */
export type Way = 'ingress' | 'egress';

/**
 * The kernel of this node, as thin as it can be: effects come in batches, what is read comes in process. Everything
 * happens in the network namespace that the process runs in, or in the named one (a name below /run/netns).
 */
export interface Host {
  /**
   * Does what all lines say, one after the other: through rtnetlink in process where that is known how (see
   * `netlink/requests`), else through one `ip -batch`. Fails at the first line that fails, and names it.
   */
  ip(lines: readonly IpLine[], netns?: string): Promise<void>;
  /** The same with `tc -batch`. */
  tc(lines: readonly TcLine[], netns?: string): Promise<void>;

  /**
   * Puts an eBPF program (type SCHED_CLS, 8 bytes an instruction) on a link, before everything else that sees its
   * frames on this way; one of the same name (15 letters, digits or "_") is replaced. `unsupported` before Linux 6.6.
   */
  attachProgram(link: string, way: Way, name: string, code: Buffer): void;
  /** Without the link or the program: nothing happens. */
  detachProgram(link: string, way: Way, name: string): void;
  /** Names of the programs on a link, in the order in which frames pass them. */
  programs(link: string, way: Way): string[];

  /** Entries of the link that somebody made; without the link there are none. Read in process. */
  forwarding(link: string): Forwarding[];
  /** Addresses on links whose MAC was asked for last without an answer, or is being asked for at this moment. */
  unanswered(netns?: string): Unanswered[];
  /** Removes entries, then puts others there, each in the place of one with the same key. In process; fails at the first that fails. */
  forward(link: string, change: { remove: readonly Forwarding[]; put: readonly Forwarding[] }): Promise<void>;

  /**
   * Says of a link, unasked, that it has its addresses (`announcement`): at once, and again within about a second, as long
   * as it has them. Without the link, or while it takes no frames, nothing happens.
   */
  announce(link: string, netns?: string): void;

  /** Read through rtnetlink: no process is started. Not to be changed: while nothing changes it is the same list again. */
  links(netns?: string): readonly ObservedLink[];
  /** Is it Wi-Fi? Of a link that is not there: no. */
  isWireless(link: string): boolean;
  /** Of the main table. */
  routes(netns?: string): readonly ObservedRoute[];
  /** Both of a namespace, of one moment. */
  inside(netns: string): { links: readonly ObservedLink[]; routes: readonly ObservedRoute[] };

  /** Makes the namespace with its loopback up; existing: nothing happens. */
  createNetns(name: string): Promise<void>;
  /** Absent: nothing happens. */
  removeNetns(name: string): Promise<void>;
  /** Names below /run/netns with this prefix that are mounted namespaces; stale empty files are removed on the way. */
  listNetns(prefix: string): string[];

  /**
   * Makes the folder, for root alone, on a file system that is memory: a tmpfs of its own of at most so many megabytes,
   * mounted here, or the one that the folder lies on already. Existing: nothing happens.
   * @param apart of its own in any case, so that what fills it fills nothing else; but never over what is in the folder
   */
  ensureMemoryFolder(path: string, megabytes: number, apart?: boolean): void;
  /** With what is mounted there. Absent or not empty: nothing happens. */
  removeMemoryFolder(path: string): void;

  /** Writes /proc/sys/<path>, e.g. `net/ipv4/ip_forward`, where the value differs. A missing path is an error unless `optional`. */
  sysctl(path: string, value: string, options?: { netns?: string; optional?: boolean }): void;

  /** The value with single spaces; undefined when this kernel does not have it. */
  readSysctl(path: string, netns?: string): string | undefined;

  /** Applies an nft ruleset text in one transaction, in process through libnftables. */
  nft(ruleset: string, netns?: string): void;
  /** The table as nft's JSON, without handles and counters' values; undefined when there is no such table. */
  nftTable(family: string, name: string, netns?: string): unknown[] | undefined;

  /** Everything that nft lists of the node, as the objects of its JSON (libnftables-json(5)). */
  nftRuleset(): unknown[];
  /** Of that the chains alone, which is quick however many rules there are. */
  nftChains(): unknown[];

  /**
   * Lets connection tracking forget those UDP conversations, so that their next datagram is led anew. Without any:
   * nothing happens, nor where the kernel lacks nf_conntrack_netlink. A listing takes the kernel some milliseconds on
   * another thread. Resolves with their number.
   */
  endConversations(stray: (each: Conversation) => boolean, netns?: string): Promise<number>;

  /** Does a process of the node's namespace listen at this port? An empty `hostIp` means any address. */
  listening(protocol: Protocol, port: number, hostIp: string): boolean;

  /** What takes connections or datagrams in the network namespace of that process; none where it has gone. */
  listeners(protocol: Protocol, pid: number): Listener[];

  /** Calls back once when the process ends (at once when it is gone already). Returns a function that stops watching. */
  onExit(pid: number, ended: () => void): () => void;

  /**
   * Calls back after links, addresses or routes changed, on the node or in a namespace in which any was read. Returns a
   * function that stops. While somebody listens, what was read is kept until it changes.
   */
  onLinkChange(changed: () => void): () => void;

  /**
   * Calls back after entries went or changed that links were told about where frames go (`forwarding`), with the names of
   * those links; undefined: it may be any. Changes by this host are among them. Returns a function that stops.
   */
  onForwardingChange(changed: (links: ReadonlySet<string> | undefined) => void): () => void;

  /** Ends threads and sockets of this host object. */
  close(): void;
}
