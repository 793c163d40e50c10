import { Inject, Injectable } from '@nestjs/common';
import { kept } from '#lib/common';
import { askEngine, type Engine } from '#lib/engine';
import { parseBody } from '#lib/http';
import { ENGINE } from '../../node/tokens.js';
import { EngineImages } from '../images/engine-images.js';
import { engineInfo, type EngineInfoBody } from './engine-info.js';

/** An engine is a new one after a restart, at most. Milliseconds. */
const KEPT_MS = 60_000;

/** Of the engine's own GET /version. */
interface EngineVersion {
  Components?: EngineComponent[];
}

export interface EngineComponent {
  Name: string;
  Version: string;
  Details?: Record<string, string>;
}

/**
 * What the engine says of itself and its machine. Clients ask for it before each command (docker-compose for the
 * version, `docker node` and `docker stack` for the rest), and Podman runs dpkg four times for each answer.
 */
@Injectable()
export class EngineFacts {
  private readonly lasting = kept(KEPT_MS, async () =>
    parseBody(engineInfo, await askEngine(this.engine.socketPath, { method: 'GET', path: '/info' })),
  );

  private readonly version = kept(KEPT_MS, () =>
    askEngine<EngineVersion>(this.engine.socketPath, { method: 'GET', path: '/version' }),
  );

  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly images: EngineImages,
  ) {}

  /** As of now where it changes: in how many images there are. */
  async info(): Promise<EngineInfoBody> {
    const [lasting, images] = await Promise.all([this.lasting(), this.images.list(true)]);
    return { ...lasting, Images: images.length };
  }

  async components(): Promise<EngineComponent[]> {
    return (await this.version()).Components ?? [];
  }
}
