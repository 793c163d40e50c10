import type { NodeClient } from './client/node-client.js';
import type { TlsFlags } from './client/tls.js';
import type { System } from './system.js';

/** Options that stand before the command. */
export interface GlobalOptions extends TlsFlags {
  file: string[];
  projectName?: string;
  projectDirectory?: string;
  envFile: string[];
  profile: string[];
  host?: string;
  ansi: 'auto' | 'always' | 'never';
}

/** What a command is handed when it runs. */
export interface Context {
  system: System;
  globals(): GlobalOptions;
  /** the daemon that was chosen with --host or the environment */
  client(): Promise<NodeClient>;
  /** makes `skep` end with this code; without it a command that returns ends with 0 */
  exit(code: number): void;
}
