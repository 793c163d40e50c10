import { Inject, Injectable } from '@nestjs/common';
import { notFound, SkepError } from '#lib/common';
import type { Container, Healthcheck } from '#lib/domain';
import type { Engine } from '#lib/engine';
import { fromDockerHealthcheck } from '../containers/healthcheck.js';
import { ENGINE } from '../node/tokens.js';

/** Makes sure that images are there before they are needed; one pull for any number of askers. */
@Injectable()
export class Images {
  private readonly pulls = new Map<string, Promise<void>>();

  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  /** Does this image have to be pulled first? */
  async missing(name: string, policy: Container['pullPolicy']): Promise<boolean> {
    return policy === 'always' || (await this.engine.image(name)) === undefined;
  }

  async pull(name: string): Promise<void> {
    const underWay = this.pulls.get(name);
    if (underWay) return underWay;
    const pull = this.engine.pull(name).finally(() => this.pulls.delete(name));
    this.pulls.set(name, pull);
    return pull;
  }

  /** The health check that an image brings along; undefined where it has none or is not here. */
  async healthcheck(name: string): Promise<Healthcheck | undefined> {
    try {
      return fromDockerHealthcheck((await this.engine.imageConfig(name)).defaults.Healthcheck);
    } catch (error) {
      if (SkepError.is(error, 'not_found')) return undefined;
      throw error;
    }
  }

  /**
   * For the reconciler: a pull that the policy wants on every `up` was made by that `up`.
   * @returns false when the image is there already
   */
  async fetch(name: string, policy: Container['pullPolicy']): Promise<boolean> {
    if ((await this.engine.image(name)) !== undefined) return false;
    if (policy === 'never') throw notFound(`No such image: ${name} (pull_policy is never)`);
    await this.pull(name);
    return true;
  }
}
