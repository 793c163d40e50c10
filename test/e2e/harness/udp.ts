import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { waitFor } from '#lib/common';
import { must } from './process.js';

const script = (name: string) => join(import.meta.dirname, name);

/** Answers datagrams in a container, with a name. It is of the container's processes, and ends with the first of them. */
export async function answerUdp(pid: number, port: number, name: string): Promise<void> {
  const argv = [`--target=${pid}`, '--net', '--pid', process.execPath, script('udp-answerer.mjs'), String(port), name];
  const answerer = spawn('nsenter', argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(answerer.stdout, 'data');
}

/** Says something once, from one port to another. */
export async function sayByUdp(pid: number, from: number, to: { address: string; port: number }): Promise<void> {
  const say = `const socket = require('node:dgram').createSocket('udp4');
    socket.bind(${from}, () => socket.send('!', ${to.port}, '${to.address}', () => socket.close()));`;
  await must('nsenter', [`--target=${pid}`, '--net', process.execPath, '-e', say]);
}

/** Somebody who sends datagrams all the time, from one port to one port. */
export class UdpConversation {
  /** in the order of their coming; milliseconds since the epoch, and the number of the datagram that is answered */
  readonly answers: { at: number; by: string; number: number }[] = [];

  private constructor(private readonly client: ChildProcess) {
    createInterface({ input: client.stdout! }).on('line', (line) => this.answers.push(JSON.parse(line) as never));
  }

  /** @param own the port that it speaks from; 0: any */
  static start(netnsPath: string, address: string, port: number, own = 0): UdpConversation {
    const argv = [`--net=${netnsPath}`, process.execPath, script('udp-client.mjs'), address, String(port), String(own)];
    return new UdpConversation(spawn('nsenter', argv, { stdio: ['ignore', 'pipe', 'inherit'] }));
  }

  /** The first answer since then by one that is wanted. */
  answeredBy(wanted: (name: string) => boolean, since = 0, ms = 10_000): Promise<{ at: number; by: string }> {
    const found = () => this.answers.find(({ at, by }) => at >= since && wanted(by));
    return waitFor(found, { ms, every: 5, what: 'an answer by UDP' });
  }

  /** How many datagrams, one every 20 ms, were not answered at most between two that were. */
  longestSilence(): number {
    const answered = this.answers.map(({ number }) => number).sort((a, b) => a - b);
    return Math.max(...answered.slice(1).map((number, index) => number - answered[index]! - 1));
  }

  async stop(): Promise<void> {
    if (this.client.exitCode !== null || this.client.signalCode !== null) return;
    const ended = once(this.client, 'close');
    this.client.kill('SIGKILL');
    await ended;
  }
}
