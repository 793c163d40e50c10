import { Inject, Injectable } from '@nestjs/common';
import { askedOnce, digestOf, notFound, SkepError } from '#lib/common';
import type { Container, Healthcheck } from '#lib/domain';
import { isLasting, type Engine, type ImageConfig, type ImageDefaults, type RegistryCredentials } from '#lib/engine';
import { fromDockerHealthcheck, withImageHealthcheck } from '../health/healthcheck.js';
import { unseal } from '../node/seal.js';
import { ENGINE, NODE, type Node } from '../node/tokens.js';

/** Of so many images it is remembered what they add to their containers. */
const IMAGES = 1_000;

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

  /**
   * The health check of a container of an image; undefined where it has none.
   * @param asked what stands before the image's own, field by field
   */
  async healthcheck(name: string, asked: ImageDefaults['Healthcheck']): Promise<Healthcheck | undefined> {
    const config = asked?.Test?.[0] === 'NONE' ? undefined : await this.lookup(name);
    return fromDockerHealthcheck(withImageHealthcheck(asked, config?.defaults.Healthcheck));
  }

  /** Undefined: it is not here. */
  async facts(name: string): Promise<ImageFacts | undefined> {
    const config = await this.config(name);
    if (!config) return undefined;
    const healthcheck = fromDockerHealthcheck(config.defaults.Healthcheck);
    return { id: config.id, ...(healthcheck && { healthcheck }), volumes: Object.keys(config.defaults.Volumes ?? {}) };
  }

  /** Replicas of a service that start at the same time ask as one, and who names an image for good asks once. */
  private readonly lookup = askedOnce(
    IMAGES,
    (name) => this.config(name),
    (name, found) => found !== undefined && isLasting(name),
  );

  private async config(name: string): Promise<ImageConfig | undefined> {
    try {
      return await this.engine.imageConfig(name);
    } catch (error) {
      if (SkepError.is(error, 'not_found')) return undefined;
      throw error;
    }
  }

  /** Digests of the manifests of the image that has this name here; undefined: none has. */
  async digests(name: string): Promise<readonly string[] | undefined> {
    return (await this.config(name))?.digests;
  }

  /**
   * For the reconciler: a pull that the policy wants on every `up` was made by that `up`.
   * @returns false when the image is there already
   */
  async fetch({ spec: { Image: name }, pullPolicy, pullAs }: Container): Promise<boolean> {
    if ((await this.engine.image(name)) !== undefined) return false;
    if (pullPolicy === 'never') throw notFound(`No such image: ${name} (pull_policy is never)`);
    await this.pull(name, this.credentials(pullAs));
    return true;
  }

  credentials(sealed: Container['pullAs']): RegistryCredentials | undefined {
    if (sealed === undefined) return undefined;
    return JSON.parse(unseal(sealed, this.node.config.dataRoot)) as RegistryCredentials;
  }
}
