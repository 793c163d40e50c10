import { Problems } from './problems.js';
import { dictAt, dictsIn, type Dict } from './values.js';

/** Throws when services wait for each other in a circle. */
export function checkCycles(model: Dict): void {
  const problems = new Problems(model);
  const done = new Set<string>();
  const visit = (name: string, trail: string[]) => {
    if (done.has(name)) return;
    const start = trail.indexOf(name);
    if (start >= 0) {
      const cycle = [...trail.slice(start), name];
      problems.add(['services', trail.at(-1)!, 'depends_on', name], `dependency cycle detected: ${cycle.join(' -> ')}`);
      return;
    }
    const service = dictAt(dictAt(model, 'services') ?? {}, name);
    for (const target of Object.keys(dictAt(service ?? {}, 'depends_on') ?? {})) visit(target, [...trail, name]);
    done.add(name);
  };
  for (const [name] of dictsIn(model, 'services')) visit(name, []);
  problems.throwIfAny();
}
