import type { ProgressEvent } from '#lib/contracts';
import { oneLine } from '../output/width.js';

export type Change = Extract<ProgressEvent, { type: 'progress' }>;

/** `Container shop-web-1` */
export function titleOf({ resource, name }: Pick<Change, 'resource' | 'name'>): string {
  return `${resource.charAt(0).toUpperCase()}${resource.slice(1)} ${oneLine(name)}`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)}s`;
}

export const failed = (change: Pick<Change, 'state'>): boolean => change.state === 'Error';
