import { Inject, Injectable, Logger } from '@nestjs/common';
import { after, digestOf, messageOf, steadyClock, unavailable } from '#lib/common';
import type { Container } from '#lib/domain';
import { fullName, withTag, type Engine, type RegistryCredentials } from '#lib/engine';
import { ENGINE } from '../node/tokens.js';
import { Images } from './images.js';

/** A registry whose name takes longer to be looked up, found or not, is not asked. Milliseconds. */
const NAME_WITHIN = 500;
/** One that takes longer to say what it has is not waited for. */
const ANSWER_WITHIN = 3_000;
/** For so long after that it is not asked at all. */
const LEFT_ALONE = 30_000;
/** So long after a look nobody looks again: replicas of a service that start together ask once. */
const FRESH = 2_000;
/** Of so many images it is remembered when they were looked at. */
const IMAGES = 1_000;

interface Look {
  done: Promise<void>;
  /** when the next one is due; milliseconds of the steady clock */
  until: number;
}

/**
 * Tags that go to another image in their registry while this node has the one of before. An image that is here is used
 * whatever its registry says or does not say, and a node without a way out must not wait long for that at each start.
 */
@Injectable()
export class MovingTags {
  private readonly log = new Logger('images');
  private readonly looks = new Map<string, Look>();
  /** registries that did not answer in time, and until when they are left alone */
  private readonly silent = new Map<string, number>();

  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly images: Images,
  ) {}

  /** Before a container is made whose policy is `newer`: pulls its image where its registry has another one by now. */
  follow({ spec: { Image: name }, pullPolicy, pullAs }: Container): Promise<void> {
    if (pullPolicy !== 'newer') return Promise.resolve();
    const credentials = this.images.credentials(pullAs);
    const key = digestOf([name, credentials]);
    const known = this.looks.get(key);
    if (known && steadyClock.now() < known.until) return known.done;
    if (this.looks.size >= IMAGES) this.looks.clear();
    const look: Look = { done: Promise.resolve(), until: Infinity };
    look.done = this.look(name, credentials).finally(() => (look.until = steadyClock.now() + FRESH));
    this.looks.set(key, look);
    return look.done;
  }

  private async look(name: string, credentials: RegistryCredentials | undefined): Promise<void> {
    try {
      const here = await this.images.digests(name);
      // Then it is pulled anyway.
      if (!here) return;
      if (here.includes(await this.digestOf(name, credentials))) return;
      await this.images.pull(name, credentials);
    } catch (error) {
      this.log.warn(`${name} is used as it is here: ${messageOf(error)}`);
    }
  }

  /** Of what the registry has by this name. */
  private async digestOf(name: string, credentials: RegistryCredentials | undefined): Promise<string> {
    const [, repository = '', reference = ''] = /^(.*):([^/:]+)$/.exec(withTag(fullName(name))) ?? [];
    const registry = repository.split('/')[0]!;
    if ((this.silent.get(registry) ?? 0) > steadyClock.now()) throw unavailable(`${registry} did not answer lately`);
    const { registries } = this.engine;
    await this.inTime(registry, registries.lookUp(repository), NAME_WITHIN);
    const image = await this.inTime(
      registry,
      registries.inspect({ repository, reference }, credentials),
      ANSWER_WITHIN,
    );
    return image.descriptor.digest;
  }

  private async inTime<T>(registry: string, answer: Promise<T>, ms: number): Promise<T> {
    let callOff: () => void;
    const late = new Promise<'late'>((resolve) => (callOff = after(ms, () => resolve('late'))));
    // Where it comes too late it is nobody's any more, failure or not.
    const first = await Promise.race([answer, late]).finally(() => callOff());
    if (first !== 'late') return first;
    this.silent.set(registry, steadyClock.now() + LEFT_ALONE);
    throw unavailable(`${registry} did not answer within ${ms / 1_000} s`);
  }
}
