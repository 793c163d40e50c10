import { spawn } from 'node:child_process';
import { unavailable } from '#lib/common';
import type { IpLine } from '../host.js';
import { batchError, type BatchTool } from '../ip-lines.js';
import { inNetns } from './netns.js';

/**
 * Runs the lines in one process; the process is started inside the namespace, so it needs no wrapper.
 * @param text the lines as `renderBatch` writes them
 */
export async function runBatch(tool: BatchTool, lines: readonly IpLine[], text: string, netns?: string): Promise<void> {
  const { status, stderr } = await new Promise<{ status: number | null; stderr: string }>((resolve, reject) => {
    const child = inNetns(netns, () => spawn(tool, ['-batch', '-'], { stdio: ['pipe', 'ignore', 'pipe'] }));
    const heard: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => heard.push(chunk));
    child.once('error', (cause) => reject(unavailable(`${tool} cannot be started: ${cause.message}`, cause)));
    child.once('close', (code) => resolve({ status: code, stderr: Buffer.concat(heard).toString() }));
    // It stops reading at the first line that fails; what it said is on stderr.
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
  });
  if (status !== 0) throw batchError(lines, stderr, netns, tool);
}
