import { notFound, SkepError } from '#lib/common';
import { DROP, NameTable, Query, RCODE, Turns, errorMessage } from '#lib/discovery';
import type { Answered, Handler } from './handlers/handler.js';

/** Answers questions on the slow path: everything over TCP, and what the hot path does not answer over UDP. */
export class Responder {
  /** TCP's turns; those of UDP are the worker's. Each is exact for itself. */
  readonly #turns = new Map<string, Turns>();

  constructor(
    private readonly table: NameTable,
    private readonly handlers: readonly Handler[],
  ) {}

  /** @returns undefined: the packet gets no answer. @param limit bytes of the answer; absent: the client's for UDP */
  async respond(sandboxId: string, packet: Uint8Array, limit?: number): Promise<Uint8Array | undefined> {
    const query = new Query();
    const outcome = query.read(packet, 0, packet.length);
    if (outcome === DROP) return undefined;
    if (outcome !== RCODE.NOERROR) return errorMessage(packet, query, outcome);
    let turns = this.#turns.get(sandboxId);
    if (!turns) this.#turns.set(sandboxId, (turns = new Turns()));
    try {
      return (await this.#handle(sandboxId, packet, query, turns, limit ?? query.udpSize)).message;
    } catch (failure) {
      if (SkepError.is(failure, 'not_found')) return errorMessage(packet, query, RCODE.REFUSED);
      throw failure;
    }
  }

  /** As `respond` to a well-formed question, with the reasons, and without taking anybody's turn. */
  explain(sandboxId: string, packet: Uint8Array): Promise<Answered> {
    const query = new Query();
    query.read(packet, 0, packet.length);
    return this.#handle(sandboxId, packet, query, new Turns(), 0xffff);
  }

  forget(sandboxId: string): void {
    this.#turns.delete(sandboxId);
  }

  async #handle(sandboxId: string, bytes: Uint8Array, query: Query, turns: Turns, limit: number): Promise<Answered> {
    const resolution = this.table.resolve(sandboxId, query.key(bytes), query.type);
    if (!resolution) throw notFound(`the resolver knows no container ${sandboxId}`);
    for (const handler of this.handlers) {
      const answered = await handler({ sandboxId, bytes, query, resolution, turns, limit });
      if (answered) return answered;
    }
    throw new SkepError('internal', `no handler answered a question of kind ${resolution.kind}`);
  }
}
