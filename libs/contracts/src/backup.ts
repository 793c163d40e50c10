/** What a backup says of itself: `manifest.json`, its first file. */
export interface BackupManifest {
  /** of this layout: the files' names are their paths below the data root */
  format: 1;
  /** of skep; another one does not restore it */
  version: string;
  /** ISO 8601 */
  createdAt: string;
  nodeId: string;
  /** in a swarm: the node's part there */
  role?: 'manager' | 'worker';
  /** SHA-256 of each file, by its name */
  files: Record<string, string>;
}

export const MANIFEST = 'manifest.json';

/** Below the data root, beside node.db and cluster.db: keys, certificates and what the node is in a swarm. */
export const BACKUP_FILES = [
  'secret.key',
  'swarm/membership.json',
  'swarm/root.pem',
  'swarm/node.pem',
  'swarm/node.key',
  'swarm/cluster.key',
] as const;

/** In the data root while the state of a backup is put there: what it holds meanwhile is no node. */
export const RESTORE_MARKER = 'restore.unfinished';

/** There afterwards, until the node has taken away what another one, which was here before, had made. */
export const RESTORED = 'restore.done';

/** With this the names of folders begin that have the state that was there before. */
export const SET_ASIDE = 'before-restore-';
