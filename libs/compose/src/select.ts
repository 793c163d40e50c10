import { closest, listed, notFound, type SkepError } from '#lib/common';
import type { Project } from './model/project.js';

/**
 * The names of the services and, unless left out, of all that they depend on, each after its own dependencies; no names mean all services.
 * The order is stable: that of the file where nothing depends. Throws `not_found` for a service that the project does not have.
 */
export function selectServices(
  project: Project,
  names: readonly string[],
  options: { withDependencies?: boolean } = {},
): string[] {
  const all = Object.keys(project.services);
  const wanted = names.length > 0 ? names : all;
  for (const name of wanted) {
    if (!Object.hasOwn(project.services, name)) throw noSuchService(name, all);
  }
  const selected = options.withDependencies === false ? new Set(wanted) : withDependencies(project, wanted);
  return inOrder(project, all).filter((name) => selected.has(name));
}

/** @param all the names that there are */
export function noSuchService(name: string, all: readonly string[]): SkepError {
  const meant = closest(name, all);
  return notFound(`no such service: ${name}; ${meant ? `did you mean ${meant}?` : `the project has ${listed(all)}`}`);
}

const dependenciesOf = (project: Project, name: string): string[] =>
  Object.keys(project.services[name]?.depends_on ?? {}).filter((target) => Object.hasOwn(project.services, target));

function withDependencies(project: Project, names: readonly string[]): Set<string> {
  const found = new Set<string>();
  const pending = [...names];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    pending.push(...dependenciesOf(project, name));
  }
  return found;
}

/** Depth first, without recursion, because chains of dependencies may be long. */
function inOrder(project: Project, names: readonly string[]): string[] {
  const order = new Set<string>();
  const entered = new Set<string>();
  for (const start of names) {
    const stack = [start];
    for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
      const missing = entered.has(name) ? [] : dependenciesOf(project, name).filter((target) => !entered.has(target));
      entered.add(name);
      if (missing.length > 0) stack.push(...missing.toReversed());
      else order.add(stack.pop()!);
    }
  }
  return [...order];
}
