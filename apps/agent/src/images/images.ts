import { Inject, Injectable } from '@nestjs/common';
import { digestOf, notFound, SkepError } from '#lib/common';
import type { Container, Healthcheck } from '#lib/domain';
import type { Engine, RegistryCredentials } from '#lib/engine';
import { fromDockerHealthcheck } from '../containers/healthcheck.js';
import { ENGINE, NODE, type Node } from '../node/tokens.js';
import { unseal } from '../sandbox/seal.js';

/** What an image is and brings along. */
export interface ImageFacts {
  id: string;
  healthcheck?: Healthcheck;
  /** paths at which each of its containers has a volume */
  volumes: string[];
}

/** Makes sure that images are there before they are needed; one pull for any number of askers with the same credentials. */
@Injectable()
export class Images {
  private readonly pulls = new Map<string, Promise<void>>();

  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(NODE) private readonly node: Node,
  ) {}

  /** Does this image have to be pulled first? */
  async missing(name: string, policy: Container['pullPolicy']): Promise<boolean> {
    return policy === 'always' || (await this.engine.image(name)) === undefined;
  }

  async pull(name: string, credentials?: RegistryCredentials): Promise<void> {
    const key = digestOf([name, credentials]);
    const underWay = this.pulls.get(key);
    if (underWay) return underWay;
    const pull = this.engine.pull(name, { credentials }).finally(() => this.pulls.delete(key));
    this.pulls.set(key, pull);
    return pull;
  }

  /** Undefined: it is not here. */
  async facts(name: string): Promise<ImageFacts | undefined> {
    try {
      const { id, defaults } = await this.engine.imageConfig(name);
      const healthcheck = fromDockerHealthcheck(defaults.Healthcheck);
      return { id, ...(healthcheck && { healthcheck }), volumes: Object.keys(defaults.Volumes ?? {}) };
    } catch (error) {
      if (SkepError.is(error, 'not_found')) return undefined;
      throw error;
    }
  }

  /**
   * For the reconciler: a pull that the policy wants on every `up` was made by that `up`.
   * @returns false when the image is there already
   */
  async fetch({ spec: { Image: name }, pullPolicy, pullAs }: Container): Promise<boolean> {
    if ((await this.engine.image(name)) !== undefined) return false;
    if (pullPolicy === 'never') throw notFound(`No such image: ${name} (pull_policy is never)`);
    await this.pull(name, pullAs === undefined ? undefined : this.opened(pullAs));
    return true;
  }

  private opened(sealed: string): RegistryCredentials {
    return JSON.parse(unseal(sealed, this.node.config.dataRoot)) as RegistryCredentials;
  }
}
