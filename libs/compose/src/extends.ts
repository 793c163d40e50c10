import { invalid } from '#lib/common';
import { contextOf, displayName, fileBeside, pathContext, readDocuments, type LayerContext } from './documents.js';
import { mergeModels } from './merge/merge.js';
import { located, positionOf } from './origins.js';
import { resolveService } from './paths.js';
import { dict, dictAt, isDict, type Dict } from './values.js';

/** Where a service was found, to notice a circle. */
type Trail = readonly string[];

/**
 * Puts under every service of `document` the one that it extends, in place. A service of the same file is looked for in
 * the document, then in `earlier`, the model of the files before it.
 */
export async function applyExtends(document: Dict, earlier: Dict, file: string, context: LayerContext): Promise<void> {
  const services = dictAt(document, 'services');
  if (!services) return;
  const resolver = new ExtendsResolver(document, earlier, file, context);
  for (const name of Object.keys(services)) {
    if (isDict(services[name])) services[name] = (await resolver.resolve(name, []))!;
  }
}

class ExtendsResolver {
  private readonly resolved = new Map<string, Dict>();

  constructor(
    private readonly document: Dict,
    private readonly earlier: Dict,
    private readonly file: string,
    private readonly context: LayerContext,
  ) {}

  /** The service with all that it extends, or undefined when there is none of that name. */
  async resolve(name: string, trail: Trail): Promise<Dict | undefined> {
    const done = this.resolved.get(name);
    if (done) return done;
    const own = dictAt(dictAt(this.document, 'services') ?? {}, name);
    if (!own) return dictAt(dictAt(this.earlier, 'services') ?? {}, name);
    const step = `${displayName(this.file, this.context.cwd)} (${name})`;
    if (trail.includes(step)) throw this.error(name, `circular reference: ${[...trail, step].join(' extends ')}`);

    const reference = own.extends;
    if (reference === undefined || reference === null) return own;
    const target = isDict(reference) ? reference.service : undefined;
    if (!isDict(reference) || typeof target !== 'string') throw this.error(name, `extends.${name}.service is required`);
    const base =
      typeof reference.file === 'string'
        ? await this.fromFile(reference.file, target, [...trail, step])
        : await this.resolve(target, [...trail, step]);
    if (!base) {
      const where = typeof reference.file === 'string' ? reference.file : displayName(this.file, this.context.cwd);
      throw this.error(name, `cannot extend service "${name}": service "${target}" not found in ${where}`);
    }
    delete own.extends;
    const merged = mergeModels(base, own, ['services', name]);
    delete merged.extends;
    this.resolved.set(name, merged);
    return merged;
  }

  /** A service of another file, its paths relative to that file's directory. */
  private async fromFile(reference: string, service: string, trail: Trail): Promise<Dict | undefined> {
    const file = fileBeside(reference, this.context);
    const context = contextOf(file, this.context);
    let document = dict();
    for (const next of await readDocuments(file, context)) document = mergeModels(document, next);
    const resolver = new ExtendsResolver(document, dict(), file, context);
    const base = await resolver.resolve(service, trail);
    if (base) resolveService(base, pathContext(context));
    return base;
  }

  private error(name: string, message: string): Error {
    return invalid(located(positionOf(this.document, ['services', name, 'extends']), message));
  }
}
