import { unsupported } from '#lib/common';
import type { IpLine } from '../host.js';
import { Refused, type FakeLink, type FakeNetns } from './fake-netns.js';

/** Finds a namespace by its name below /run/netns. */
export type FindNetns = (name: string) => FakeNetns;

/** Interprets one line of those that this project writes; anything else is an error, so that the fake never guesses. */
export function interpret(line: IpLine, here: FakeNetns, find: FindNetns): void {
  const words = new Words(line);
  const [object, verb] = [words.next(), words.next()];
  switch (`${object} ${verb}`) {
    case 'link add':
      return addLink(words, here, find);
    case 'link set':
      return setLink(words, here, find);
    case 'link del':
      return here.deleteLink(here.link(words.name('dev')));
    case 'link property':
      return nameLink(words, here);
    case 'addr add':
    case 'addr replace':
    case 'addr del':
      return changeAddress(verb, words, here);
    case 'neigh del':
      return deleteNeighbour(words, here);
    case 'route add':
    case 'route replace':
    case 'route del':
      return changeRoute(verb, words, here);
    default:
      throw words.unknown(verb);
  }
}

/** Alternative names are for people; nothing here looks a link up by one. */
function nameLink(words: Words, here: FakeNetns): void {
  const verb = words.next();
  if (verb !== 'add') throw words.unknown(verb);
  here.link(words.name('dev'));
  words.next();
  words.next();
}

/** The words of a line, one after the other. */
class Words {
  private at = 0;

  constructor(private readonly line: IpLine) {}

  get more(): boolean {
    return this.at < this.line.length;
  }

  next(): string {
    const word = this.line[this.at++];
    if (word === undefined) throw new Refused('Command line is not complete. Try option "help"');
    return word;
  }

  /** A name, with or without the key before it. */
  name(key: string): string {
    const word = this.next();
    return word === key ? this.next() : word;
  }

  skip(): void {
    this.at = this.line.length;
  }

  unknown(word: string): Error {
    return unsupported(`the fake host does not know ${JSON.stringify(word)} in: ip ${this.line.join(' ')}`);
  }
}

/** Kinds that live on another link. */
const STACKED = new Set(['macvlan', 'vlan']);

/** Attributes of a link that is being made: they may stand before and, for a veth's peer, after `type`. */
interface Wanted {
  name?: string;
  mac?: string;
  mtu?: number;
  netns?: string;
  /** the link below it */
  link?: string;
}

function addLink(words: Words, here: FakeNetns, find: FindNetns): void {
  const wanted = readWanted(words, 'type');
  const kind = words.next();
  if (kind !== 'veth') {
    words.skip(); // options of the kind, which nothing here observes
    make(wanted, kind, here, find);
    return;
  }
  if (words.next() !== 'peer') throw words.unknown('veth without peer');
  const other = readWanted(words);
  const link = make(wanted, kind, here, find);
  try {
    link.peer = make(other, kind, here, find);
  } catch (error) {
    here.deleteLink(link);
    throw error;
  }
  link.peer.peer = link;
}

function readWanted(words: Words, until?: string): Wanted {
  const wanted: Wanted = {};
  while (words.more) {
    const word = words.next();
    if (word === until) break;
    if (word === 'address') wanted.mac = words.next();
    else if (word === 'mtu') wanted.mtu = Number(words.next());
    else if (word === 'netns') wanted.netns = words.next();
    else if (word === 'name' || word === 'dev') wanted.name = words.next();
    else if (word === 'link') wanted.link = words.next();
    else if (wanted.name === undefined) wanted.name = word;
    else throw words.unknown(word);
  }
  return wanted;
}

function make(wanted: Wanted, kind: string, here: FakeNetns, find: FindNetns): FakeLink {
  if (wanted.name === undefined) throw new Refused('Not enough information: "dev" argument is required.');
  const below = wanted.link === undefined ? undefined : here.link(wanted.link);
  if (STACKED.has(kind) && !below) throw new Refused('RTNETLINK answers: Invalid argument');
  // As the kernel: what is a port hands every frame to its bridge.
  if (kind === 'macvlan' && below?.master) throw new Refused('RTNETLINK answers: Device or resource busy');
  const link = (wanted.netns === undefined ? here : find(wanted.netns)).addLink(wanted.name, kind);
  link.below = below;
  below?.above.add(link);
  // As the kernel: a VLAN is the same card.
  const mac = wanted.mac ?? (kind === 'vlan' ? below?.mac : undefined);
  if (mac !== undefined) link.mac = mac;
  if (wanted.mtu !== undefined) link.mtu = wanted.mtu;
  return link;
}

function setLink(words: Words, here: FakeNetns, find: FindNetns): void {
  const link = here.link(words.name('dev'));
  while (words.more) {
    const word = words.next();
    if (word === 'up' || word === 'down') here.setUp(link, word === 'up');
    else if (word === 'master') link.master = here.link(words.next());
    else if (word === 'nomaster') link.master = undefined;
    else if (word === 'mtu') link.mtu = Number(words.next());
    else if (word === 'address') link.mac = words.next();
    else if (word === 'name') here.rename(link, words.next());
    else if (word === 'netns') here.moveLink(link, find(words.next()));
    else if (word === 'allmulticast' || word === 'promisc' || word === 'arp')
      words.next(); // nothing here observes them
    else if (word === 'type')
      return words.skip(); // options of the kind, which nothing here observes
    else throw words.unknown(word);
  }
}

/** The fake meets nobody. */
function deleteNeighbour(words: Words, here: FakeNetns): void {
  words.next();
  here.link(words.name('dev'));
  throw new Refused('RTNETLINK answers: No such file or directory');
}

function changeAddress(verb: string, words: Words, here: FakeNetns): void {
  const given = words.next();
  const address = given.includes('/') ? given : `${given}/${given.includes(':') ? 128 : 32}`;
  let link: FakeLink | undefined;
  while (words.more) {
    const word = words.next();
    if (word === 'dev') link = here.link(words.next());
    else if (word !== 'nodad' && word !== 'noprefixroute') throw words.unknown(word);
  }
  if (!link) throw new Refused('Not enough information: "dev" argument is required.');
  const at = link.addresses.indexOf(address);
  if (verb === 'del') {
    if (at < 0) throw new Refused('RTNETLINK answers: Cannot assign requested address');
    link.addresses.splice(at, 1);
  } else if (at < 0) {
    link.addresses.push(address);
  } else if (verb === 'add') {
    throw new Refused('RTNETLINK answers: File exists');
  }
}

function changeRoute(verb: string, words: Words, here: FakeNetns): void {
  const given = words.next();
  let gateway: string | undefined;
  let link: string | undefined;
  let source: string | undefined;
  let maker: number | undefined;
  while (words.more) {
    const word = words.next();
    if (word === 'src') source = words.next();
    else if (word === 'proto') maker = Number(words.next());
    else if (word === 'via') gateway = words.next();
    else if (word === 'dev') link = words.next();
    else throw words.unknown(word);
  }
  const anywhere = gateway?.includes(':') ? '::/0' : '0.0.0.0/0';
  const host = given.includes(':') ? 128 : 32;
  const destination = given === 'default' ? anywhere : given.includes('/') ? given : `${given}/${host}`;
  if (verb === 'del') here.deleteRoute(destination);
  else
    here.addRoute(
      {
        destination,
        ...(gateway && { gateway }),
        ...(link && { link }),
        ...(source && { source }),
        ...(maker && { maker }),
      },
      verb === 'replace',
    );
}
