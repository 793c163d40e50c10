import { MAX_UDP_SIZE } from '#lib/discovery';
import { addressOf } from './libc.js';

export const BATCH = 64;

// Sizes and offsets of struct mmsghdr, iovec and sockaddr_in on 64-bit Linux.
const HEADER = { size: 64, name: 0, nameLength: 8, vector: 16, vectorLength: 24, length: 56 } as const;
const VECTOR = { size: 16, base: 0, length: 8 } as const;
const NAME_SIZE = 16;

/**
 * Memory for one recvmmsg and one sendmmsg, laid out once: packets are answered where they were received, and an
 * answer goes to the address that its question came from.
 */
export class PacketBatch {
  readonly #memory = new ArrayBuffer(BATCH * (2 * HEADER.size + 2 * VECTOR.size + NAME_SIZE + MAX_UDP_SIZE));
  readonly #words = new Uint32Array(this.#memory);
  readonly #address = addressOf(this.#memory);
  readonly #sendHeaders = BATCH * HEADER.size;
  readonly #receiveVectors = this.#sendHeaders + BATCH * HEADER.size;
  readonly #sendVectors = this.#receiveVectors + BATCH * VECTOR.size;
  readonly #names = this.#sendVectors + BATCH * VECTOR.size;
  readonly #packets = this.#names + BATCH * NAME_SIZE;

  readonly bytes = new Uint8Array(this.#memory);
  /** addresses for recvmmsg and sendmmsg */
  readonly received = this.#address;
  readonly replies = this.#address + this.#sendHeaders;
  /** replies since the last `clear` */
  count = 0;
  /** which packet each reply is made of */
  readonly #source = new Int32Array(BATCH);

  constructor() {
    for (let i = 0; i < BATCH; i++) {
      this.#layHeader(i * HEADER.size, i, this.#receiveVectors + i * VECTOR.size);
      this.#layHeader(this.#sendHeaders + i * HEADER.size, i, this.#sendVectors + i * VECTOR.size);
      this.#put(this.#receiveVectors + i * VECTOR.size + VECTOR.base, this.#address + this.packetAt(i));
      this.#put(this.#receiveVectors + i * VECTOR.size + VECTOR.length, MAX_UDP_SIZE);
      this.#put(this.#sendVectors + i * VECTOR.size + VECTOR.base, this.#address + this.packetAt(i));
      this.#source[i] = i;
    }
  }

  packetAt(index: number): number {
    return this.#packets + index * MAX_UDP_SIZE;
  }

  packetLength(index: number): number {
    return this.#words[(index * HEADER.size + HEADER.length) >> 2]!;
  }

  /** A copy of the sockaddr_in that packet came from. */
  peer(index: number): Uint8Array {
    const at = this.#names + index * NAME_SIZE;
    return this.bytes.slice(at, at + NAME_SIZE);
  }

  clear(): void {
    this.count = 0;
  }

  /** The first `length` bytes of the packet go back to where it came from. */
  reply(packet: number, length: number): void {
    const index = this.count++;
    const vector = this.#sendVectors + index * VECTOR.size;
    if (this.#source[index] !== packet) {
      this.#source[index] = packet;
      this.#put(vector + VECTOR.base, this.#address + this.packetAt(packet));
      this.#put(
        this.#sendHeaders + index * HEADER.size + HEADER.name,
        this.#address + this.#names + packet * NAME_SIZE,
      );
    }
    this.#words[(vector + VECTOR.length) >> 2] = length;
  }

  /** Address of the headers from reply `index` on. */
  repliesFrom(index: number): number {
    return this.replies + index * HEADER.size;
  }

  #layHeader(at: number, packet: number, vector: number): void {
    this.#put(at + HEADER.name, this.#address + this.#names + packet * NAME_SIZE);
    this.#put(at + HEADER.nameLength, NAME_SIZE);
    this.#put(at + HEADER.vector, this.#address + vector);
    this.#put(at + HEADER.vectorLength, 1);
  }

  /** A 64-bit number, little-endian as the machines are that Node supports here. */
  #put(at: number, value: number): void {
    this.#words[at >> 2] = value % 0x1_0000_0000;
    this.#words[(at >> 2) + 1] = Math.floor(value / 0x1_0000_0000);
  }
}
