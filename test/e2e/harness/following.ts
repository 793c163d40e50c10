import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { TestNode } from './node.js';

interface Following {
  /** it has said something, or has ended without */
  begun: Promise<unknown>;
  /** all that it writes, until it ends */
  stdout: Promise<string>;
  code: Promise<number>;
}

/** A docker CLI that goes on beside the test: it follows or is attached from its first words on. */
export function following(node: TestNode, args: readonly string[]): Following {
  const env = { ...process.env, DOCKER_HOST: `unix://${node.socket}`, DOCKER_CONFIG: node.folder };
  const client = spawn('docker', args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const code = once(client, 'close').then(([ended]) => ended as number);
  return { begun: Promise.race([once(client.stdout, 'data'), code]), stdout: text(client.stdout), code };
}
