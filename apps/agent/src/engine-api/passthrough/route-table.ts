import { invalid } from '#lib/common';
import { withoutVersion } from '#lib/http';
import type { Route } from './route.js';

export interface Match {
  route: Route;
  params: Record<string, string>;
  query: URLSearchParams;
}

interface Compiled {
  route: Route;
  pattern: RegExp;
}

/** Finds the route of a request. Where two fit, the one that was listed first is taken. */
export class RouteTable {
  private readonly compiled: Compiled[];

  constructor(routes: readonly Route[]) {
    this.compiled = routes.map((route) => ({ route, pattern: compile(route.path) }));
  }

  /** @param url with or without version, with its query */
  match(method: string, url: string): Match | undefined {
    const whole = withoutVersion(url);
    const at = whole.indexOf('?');
    const path = at < 0 ? whole : whole.slice(0, at);
    for (const { route, pattern } of this.compiled) {
      if (route.method !== method) continue;
      const groups = pattern.exec(path)?.groups;
      if (groups === undefined) continue;
      const params = Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decoded(text)]));
      return { route, params, query: new URLSearchParams(at < 0 ? '' : whole.slice(at + 1)) };
    }
    return undefined;
  }
}

function compile(path: string): RegExp {
  const pattern = path
    .replace(/\./g, '\\.')
    .replace(/:(\w+)/g, '(?<$1>[^/]+)')
    .replace(/\*(\w+)/g, '(?<$1>.+)');
  return new RegExp(`^(?<_>)${pattern}$`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`invalid path: ${JSON.stringify(text.slice(0, 100))} is not percent-encoded UTF-8`);
  }
}
