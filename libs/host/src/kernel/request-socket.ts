import { closeSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { internal, notFound, SkepError } from '#lib/common';
import type { IpLine } from '../host.js';
import { ending, messages, refusalWords, type Message } from '../netlink/codec.js';
import type { Place, Request } from '../netlink/requests/request.js';
import { AF_NETLINK, checked, codeOf, errnoText, SOCK_CLOEXEC, SOCK_RAW, sys } from './libc.js';
import { inNetns, openNetns } from './netns.js';

const NETLINK_ROUTE = 0;
const SOL_NETLINK = 270;
const NETLINK_EXT_ACK = 11;
const SIOCGIFINDEX = 0x8933;
const IFNAMSIZ = 16;

/** Carries requests to the kernel. A socket belongs to the namespace that it was opened in, whichever thread uses it. */
export class RequestSocket implements Place {
  private readonly opened: number[] = [];
  private readonly buffer = Buffer.alloc(32 * 1024);

  private constructor(
    private readonly fd: number,
    private readonly netnsName: string | undefined,
  ) {}

  static open(netns?: string): RequestSocket {
    const type = SOCK_RAW | SOCK_CLOEXEC;
    const fd = inNetns(netns, () => checked(sys.socket(AF_NETLINK, type, NETLINK_ROUTE), 'open an rtnetlink socket'));
    const on = Buffer.from([1, 0, 0, 0]);
    sys.setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, on, on.length);
    return new RequestSocket(fd, netns);
  }

  /** @throws what the kernel answers, in the words of `ip` */
  async run(request: Request, line: IpLine): Promise<void> {
    let refusal: Refusal | undefined;
    try {
      refusal = await this.send(request(this));
    } catch (error) {
      throw SkepError.is(error) ? new SkepError(error.code, this.message(line, error.message)) : error;
    }
    if (!refusal) return;
    const errno = getSystemErrorName(-refusal.errno);
    const device = errno === 'ENODEV' && subjectOf(line);
    const said = refusal.words ? `Error: ${refusal.words}.` : `RTNETLINK answers: ${errnoText(refusal.errno)}`;
    throw new SkepError(codeOf(errno), this.message(line, device ? `Cannot find device "${device}"` : said));
  }

  index(link: string): number {
    const ifreq = Buffer.alloc(40); // struct ifreq: the name, then the index
    if (Buffer.byteLength(link) < IFNAMSIZ) {
      ifreq.write(link, 'utf8');
      if (sys.ioctl(this.fd, SIOCGIFINDEX, ifreq) === 0) return ifreq.readInt32LE(IFNAMSIZ);
    }
    throw notFound(`Cannot find device "${link}"`);
  }

  netns(name: string): number {
    const fd = openNetns(name);
    this.opened.push(fd);
    return fd;
  }

  close(): void {
    sys.close(this.fd);
    for (const fd of this.opened) closeSync(fd);
  }

  private async send(message: Buffer): Promise<Refusal | undefined> {
    if ((await sys.sendAsync(this.fd, message, message.length, 0)) < 0) throw internal('rtnetlink takes no message');
    // The answer was there before `send` returned.
    for (;;) {
      const length = checked(sys.recv(this.fd, this.buffer, this.buffer.length, 0), 'receive from rtnetlink');
      for (const answer of messages(this.buffer.subarray(0, length))) {
        const errno = ending(answer);
        if (errno !== undefined) return errno === 0 ? undefined : { errno, words: wordsOf(answer) };
      }
    }
  }

  private message(line: IpLine, said: string): string {
    return `ip ${line.join(' ')}${this.netnsName === undefined ? '' : ` in ${this.netnsName}`}: ${said}`;
  }
}

interface Refusal {
  errno: number;
  words: string | undefined;
}

function wordsOf(answer: Message): string | undefined {
  return refusalWords(answer)?.replace(/\.$/, '');
}

/** The link that a line is about. */
function subjectOf(line: IpLine): string | undefined {
  const named = line.indexOf('dev');
  return named < 0 ? line[2] : line[named + 1];
}
