import { Inject, Injectable } from '@nestjs/common';
import { SkepError } from '#lib/common';
import { askEngine, callEngine, jsonLines, type Engine, type EngineCall } from '#lib/engine';
import { ENGINE } from '../../node/tokens.js';
import { encoded } from '../passthrough/route.js';
import type { Message } from './messages.js';
import { noSuchImage } from './reference.js';
import { listedImage, type InspectedImage, type ListedImage } from './views.js';

/** The engine's images, as its API gives them. */
@Injectable()
export class EngineImages {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  /** @param all intermediate ones, too */
  async list(all = false) {
    const images = await this.ask<ListedImage[]>({ method: 'GET', path: '/images/json', query: { all: String(all) } });
    return images.map(listedImage);
  }

  /** `not_found` in Docker's words. */
  inspect(name: string): Promise<InspectedImage> {
    return this.ask({ method: 'GET', path: `/images/${encoded(name)}/json`, missing: noSuchImage(name) });
  }

  /** Undefined: it is not here. */
  async find(name: string): Promise<InspectedImage | undefined> {
    try {
      return await this.inspect(name);
    } catch (error) {
      if (SkepError.is(error, 'not_found')) return undefined;
      throw error;
    }
  }

  async untag(names: readonly string[]): Promise<void> {
    for (const name of names) await this.engine.untagImage(name);
  }

  ask<T>(call: EngineCall): Promise<T> {
    return askEngine<T>(this.engine.socketPath, call);
  }

  /** For what it does; the answer says nothing more. */
  async call(call: EngineCall): Promise<void> {
    (await callEngine(this.engine.socketPath, call)).resume();
  }

  async *messages(call: EngineCall): AsyncGenerator<Message> {
    yield* jsonLines(await callEngine(this.engine.socketPath, call));
  }
}
