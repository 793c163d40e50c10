import type { NextFunction, Request, Response } from 'express';
import { invalid } from '#lib/common';

/** Versions of the Docker Engine API that this node speaks. */
export const API_VERSION = '1.51';
export const MIN_API_VERSION = '1.24';

const PREFIX = /^\/v(\d+\.\d+)(?=\/|\?|$)/;

/** The path without its version. Too new and too old versions are refused in Docker's words. */
export function withoutVersion(url: string): string {
  const version = PREFIX.exec(url)?.[1];
  if (version === undefined) return url;
  if (compareVersions(version, API_VERSION) > 0) {
    throw invalid(`client version ${version} is too new. Maximum supported API version is ${API_VERSION}`);
  }
  if (compareVersions(version, MIN_API_VERSION) < 0) {
    throw invalid(
      `client version ${version} is too old. Minimum supported API version is ${MIN_API_VERSION}, please upgrade your client to a newer version`,
    );
  }
  const rest = url.slice(version.length + 2);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Does the request speak this version of the API or a newer one? A path without a version speaks the newest. */
export function speaks(url: string, version: string): boolean {
  return compareVersions(PREFIX.exec(url)?.[1] ?? API_VERSION, version) >= 0;
}

/** Was the request made in an older version than this? Without one in its path it counts as the newest. */
export function before(response: Response, version: string): boolean {
  const asked = (response.locals as { apiVersion?: string }).apiVersion;
  return asked !== undefined && compareVersions(asked, version) < 0;
}

/** Routes are written without versions; where the one that was asked for matters, `before` tells. */
export function apiVersion(request: Request, response: Response, next: NextFunction): void {
  try {
    response.locals['apiVersion'] = PREFIX.exec(request.url)?.[1];
    request.url = withoutVersion(request.url);
    response.setHeader('Api-Version', API_VERSION);
    response.setHeader('Server', 'skep');
    next();
  } catch (error) {
    next(error);
  }
}

function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}
