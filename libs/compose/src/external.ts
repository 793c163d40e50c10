import { Problems } from './problems.js';
import { dictsIn, isDict, pathText, type Dict } from './values.js';
import { mark, originIn } from './origins.js';

type Warn = (path: readonly string[], message: string) => void;

/** The old `external: { name: … }` becomes `external: true` and `name`, in place, with a warning. */
export function modernExternal(model: Dict, warn: Warn): void {
  const problems = new Problems(model);
  for (const section of ['networks', 'volumes', 'secrets', 'configs']) {
    for (const [key, entry] of dictsIn(model, section)) {
      const { external } = entry;
      if (!isDict(external)) continue;
      const path = [section, key];
      if (external.name !== undefined && entry.name !== undefined) {
        problems.add(path, `${pathText(path)}: name and external.name conflict; only use name`);
      } else if (external.name !== undefined) {
        entry.name = external.name;
        mark(entry, 'name', originIn(external, 'name'));
        warn(path, `${pathText(path)}: external.name is deprecated; set name and external: true`);
      }
      entry.external = true;
    }
  }
  problems.throwIfAny();
}
