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
  return url.slice(version.length + 2);
}

/** Routes are written without versions; what was asked for is in `request.apiVersion` where it matters. */
export function apiVersion(request: Request, response: Response, next: NextFunction): void {
  try {
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
