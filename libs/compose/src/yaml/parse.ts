import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Node, type YAMLMap } from 'yaml';
import { invalid } from '#lib/common';
import { located, mark, type Origin, type SourceText } from '../origins.js';
import { dict, isDict, Tagged, type Dict, type Value } from '../values.js';
import { resolvePlain } from './scalars.js';

/**
 * How many values the aliases of one document may stand for, together: in proportion to the text, so that a thousand
 * services may share a long anchor, and a few lines may not stand for millions.
 */
const expansionLimit = (source: SourceText) => Math.max(20_000, 2 * source.text.length);

/** The documents of a Compose file; empty ones are left out. Throws `invalid` with the position of what is wrong. */
export function parseYaml(source: SourceText): Dict[] {
  const parsed = parseAllDocuments(source.text, {
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents: Dict[] = [];
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const error = document.errors[0];
    if (error) throw invalid(located(source.position(error.pos[0]), `not valid YAML: ${error.message}`), error);
    if (document.contents === null) continue;
    const { value } = new Converter(source).convert(document.contents as Node, '');
    if (value === null) continue;
    if (!isDict(value)) throw invalid(located(source.position(0), 'top-level object must be a mapping'));
    documents.push(value);
  }
  return documents;
}

/** A value and the number of nodes that it has when its aliases are written out. */
interface Converted {
  value: Value;
  size: number;
}

/** Turns the nodes of one document, in their order, into plain data with origins. Aliased values are shared, not copied. */
class Converter {
  private readonly anchors = new Map<string, Converted>();
  private readonly limit: number;
  private expanded = 0;

  constructor(private readonly source: SourceText) {
    this.limit = expansionLimit(source);
  }

  convert(node: Node | null, path: string): Converted {
    if (node === null) return { value: null, size: 1 };
    if (isAlias(node)) return this.alias(node);
    const converted = this.untagged(node, path);
    const tagged =
      node.tag === '!reset' || node.tag === '!override'
        ? { ...converted, value: new Tagged(node.tag === '!reset' ? 'reset' : 'override', converted.value) }
        : converted;
    if ('anchor' in node && node.anchor) this.anchors.set(node.anchor, tagged);
    return tagged;
  }

  private untagged(node: Node, path: string): Converted {
    if (isMap(node)) return this.mapping(node, path);
    if (isSeq(node)) {
      const list: Value[] = [];
      let size = 1;
      for (const [index, item] of node.items.entries()) {
        const converted = this.convert(item as Node | null, `${path}[${index}]`);
        size += converted.size;
        list.push(converted.value);
        mark(list, index, this.origin(item as Node | null));
      }
      return { value: list, size };
    }
    if (!isScalar(node)) return { value: null, size: 1 };
    const text = String(node.value ?? '');
    const quoted = node.type !== 'PLAIN' || node.tag === 'tag:yaml.org,2002:str' || node.tag === '!';
    // An empty node (`key:`) has no tag and no text; an explicitly tagged `!!str` has text.
    return { value: quoted ? text : resolvePlain(text), size: 1 };
  }

  private alias(node: Node & { source: string }): Converted {
    const target = this.anchors.get(node.source);
    if (!target) throw this.error(node, `alias *${node.source} stands inside its own anchor or before it`);
    this.expanded += target.size;
    if (this.expanded > this.limit) {
      throw this.error(node, `excessive aliasing: aliases stand for more than ${this.limit} values`);
    }
    return target;
  }

  private mapping(node: YAMLMap, path: string): Converted {
    const result = dict();
    const merged: Dict[] = [];
    const seen = new Map<string, Node>();
    let size = 1;
    for (const pair of node.items) {
      const keyNode = pair.key as Node;
      const key = this.key(keyNode, path);
      const first = seen.get(key);
      if (first) {
        const line = this.source.position(first.range?.[0] ?? 0).line;
        throw this.error(keyNode, `mapping key "${key}" is already defined at line ${line}`);
      }
      seen.set(key, keyNode);
      const converted = this.convert(pair.value as Node | null, path ? `${path}.${key}` : key);
      size += converted.size;
      if (key === '<<' && isScalar(keyNode) && keyNode.type === 'PLAIN') {
        merged.push(...this.mergeTargets(converted.value, keyNode));
      } else {
        result[key] = converted.value;
        mark(result, key, this.origin(keyNode));
      }
    }
    for (const target of merged) {
      for (const [key, value] of Object.entries(target)) {
        if (key in result) continue;
        result[key] = value;
        mark(result, key, this.origin(seen.get('<<')!));
      }
    }
    return { value: result, size };
  }

  private key(node: Node, path: string): string {
    const scalar = isAlias(node) ? this.alias(node).value : this.untagged(node, path).value;
    if (typeof scalar === 'string') return scalar;
    const shown = typeof scalar === 'object' && scalar !== null ? 'a mapping or list' : String(scalar);
    throw this.error(node, `non-string key in ${path || 'the top level'}: ${shown}`);
  }

  /** The mappings that `<<` merges; the first wins over the later ones. */
  private mergeTargets(value: Value, at: Node): Dict[] {
    const targets = Array.isArray(value) ? value : [value];
    if (targets.every((target) => isDict(target))) return targets;
    throw this.error(at, 'map merge requires map or sequence of maps as the value of <<');
  }

  private origin(node: Node | null): Origin | undefined {
    return node?.range ? { source: this.source, offset: node.range[0] } : undefined;
  }

  private error(node: Node, message: string): Error {
    return invalid(located(this.source.position(node.range?.[0] ?? 0), message));
  }
}
