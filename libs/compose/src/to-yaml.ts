import { Document, isScalar, visit } from 'yaml';
import type { Project } from './model/project.js';
import { resolvePlain } from './yaml/scalars.js';

const ORDER = ['name', 'services', 'networks', 'volumes', 'secrets', 'configs', 'models'];

/**
 * The project as a Compose file, as `skep config` prints it. Reading that file again gives the same project: `$` is
 * doubled, and text that would be read as another type is quoted.
 * @param asWritten variables have not been replaced, nor doubled dollars
 */
export function toYaml(project: Project, { asWritten = false } = {}): string {
  const sections = Object.entries(project).filter(([, value]) => !isEmptySection(value));
  sections.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const document = new Document(Object.fromEntries(sections), { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(key, node) {
      if (typeof node.value !== 'string') return;
      const isText = typeof resolvePlain(node.value) === 'string';
      if (key !== 'key' && !asWritten) node.value = node.value.replaceAll('$', '$$$$');
      if (!isText || node.value === '<<') node.type = 'QUOTE_DOUBLE';
    },
    Map(_key, node) {
      if (node === document.contents) return;
      node.items.sort((a, b) => (keyOf(a.key) < keyOf(b.key) ? -1 : 1));
    },
  });
  return document.toString({ lineWidth: 0, indentSeq: true });
}

const rank = (section: string) => {
  const index = ORDER.indexOf(section);
  return index < 0 ? ORDER.length : index;
};

const keyOf = (key: unknown) => String(isScalar(key) ? key.value : key);

/** Sections that the loader adds where a file has none. */
const isEmptySection = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
