import type { Rotating, Turns } from '../rotation.js';
import { DROP, lower, Query } from '../wire/query.js';
import { OPT_LENGTH, RCODE, TYPE } from '../wire/constants.js';
import { putCounts, putError, putFlags, putOpt } from '../wire/reply.js';
import { ENTRY, RECORD_LENGTH, SET, type ZoneImage } from './image.js';

/** Who asks: the images in the order in which names are looked up, and this asker's turns. */
export interface Asker {
  images: readonly ZoneImage[];
  turns: Turns;
}

/** The question is not for the hot path: nobody's name, or neither A nor AAAA. */
export const NOT_HERE = -1;

/** Answers A and AAAA of owned names in the buffer that holds the question. It allocates nothing. */
export class Answerer {
  readonly query = new Query();
  readonly #set = new PackedSet();
  /** of the last answer */
  rcode = 0;

  /**
   * @returns the length of the answer, which begins where the question did; 0: no answer; NOT_HERE. The buffer must
   * have room for `query.udpSize` bytes.
   */
  answer(bytes: Uint8Array, start: number, length: number, asker: Asker): number {
    const { query } = this;
    const outcome = query.read(bytes, start, length);
    if (outcome === DROP) return 0;
    this.rcode = outcome;
    if (outcome !== RCODE.NOERROR) return putError(bytes, query, outcome);
    if (query.type !== TYPE.A && query.type !== TYPE.AAAA) return NOT_HERE;
    for (const image of asker.images) {
      const entry = this.#find(image, bytes);
      if (entry >= 0) return this.#put(bytes, image, entry, asker.turns);
    }
    return NOT_HERE;
  }

  /** Where in `entries` the question's name is, or -1. */
  #find(image: ZoneImage, bytes: Uint8Array): number {
    const { index, entries } = image;
    const { hash } = this.query;
    const mask = index.length - 1;
    for (let place = hash & mask; index[place] !== 0; place = (place + 1) & mask) {
      const base = (index[place]! - 1) * ENTRY.size;
      if (entries[base + ENTRY.hash] === hash && this.#same(image, base, bytes)) return base;
    }
    return -1;
  }

  #same(image: ZoneImage, base: number, bytes: Uint8Array): boolean {
    const { nameStart, nameLength } = this.query;
    if (image.entries[base + ENTRY.nameLength] !== nameLength) return false;
    const name = image.entries[base + ENTRY.name]!;
    for (let i = 0; i < nameLength; i++) {
      if (image.bytes[name + i] !== lower(bytes[nameStart + i]!)) return false;
    }
    return true;
  }

  #put(bytes: Uint8Array, image: ZoneImage, base: number, turns: Turns): number {
    const { query } = this;
    const a = query.type === TYPE.A;
    const set = this.#set.at(image, base + (a ? ENTRY.a : ENTRY.aaaa));
    const size = a ? RECORD_LENGTH.a : RECORD_LENGTH.aaaa;
    const room = query.udpSize - (query.questionEnd - query.start) - (query.edns ? OPT_LENGTH : 0);
    const fitting = Math.min(set.count, Math.floor(room / size));
    let end = query.questionEnd;
    if (set.count > 0) {
      end = copy(image.bytes, set.records + turns.next(set) * size, bytes, end, fitting * size);
    } else if (image.soaLength <= room) {
      end = copy(image.bytes, 0, bytes, end, image.soaLength);
    }
    const authority = set.count === 0 && end > query.questionEnd ? 1 : 0;
    putFlags(bytes, query.start, RCODE.NOERROR, true, fitting < set.count);
    putCounts(bytes, query.start, fitting, authority, query.edns ? 1 : 0);
    if (query.edns) end = putOpt(bytes, end, RCODE.NOERROR);
    return end - query.start;
  }
}

/** A set of an image, seen through one object that is used again and again. */
class PackedSet implements Rotating {
  cursor = 0;
  version = 0;
  count = 0;
  records = 0;
  #orders = 0;
  #image!: ZoneImage;

  at(image: ZoneImage, base: number): this {
    this.#image = image;
    this.version = image.version;
    this.records = image.entries[base + SET.records]!;
    this.count = image.entries[base + SET.count]!;
    this.cursor = image.entries[base + SET.cursor]!;
    this.#orders = image.entries[base + SET.orders]!;
    return this;
  }

  order(index: number): number {
    return this.#image.orders[this.#orders + index]!;
  }
}

/** A loop beats `TypedArray.set` for answers of usual size, because it needs no view of the source. */
function copy(from: Uint8Array, source: number, to: Uint8Array, target: number, length: number): number {
  if (length > 256) to.set(from.subarray(source, source + length), target);
  else for (let i = 0; i < length; i++) to[target + i] = from[source + i]!;
  return target + length;
}
