import { randomBytes } from 'node:crypto';
import { LABELS } from '#lib/domain';

/** A volume as engines have it. */
export interface EngineVolume {
  Name: string;
  Driver: string;
  Mountpoint: string;
  CreatedAt?: string;
  Labels?: Record<string, string> | null;
  Options?: Record<string, string> | null;
  Scope: string;
}

/** As clients are to see it: without the mark of the node, and with the options as they were given. */
export function volumeJson(volume: EngineVolume) {
  const { [LABELS.node]: _mark, [LABELS.volumeOptions]: asked, ...labels } = volume.Labels ?? {};
  const options = asked === undefined ? (volume.Options ?? {}) : (JSON.parse(asked) as Record<string, string>);
  return {
    CreatedAt: volume.CreatedAt ?? '',
    Driver: volume.Driver,
    Labels: Object.keys(labels).length > 0 ? labels : null,
    Mountpoint: volume.Mountpoint,
    Name: volume.Name,
    Options: Object.keys(options).length > 0 ? options : null,
    Scope: volume.Scope,
  };
}

/** Nobody named it: engines give such volumes 64 hex digits. */
export function isAnonymous(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

export const anonymousName = (): string => randomBytes(32).toString('hex');
