import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, SkepError, waitFor } from '#lib/common';
import { must, run } from './process.js';

/** A program on a terminal of 80 columns and 24 lines, driven through a tmux server of its own. */
export class Terminal {
  private readonly folder = mkdtempSync(join(tmpdir(), 'skep-tty-'));

  private constructor() {}

  /** When the program ends, the terminal says `ended with CODE` and stays. */
  static async open(command: readonly string[]): Promise<Terminal> {
    const terminal = new Terminal();
    const script = '"$@"; printf "\\nended with %s\\n" $?; sleep 1000';
    const size = ['-x', '80', '-y', '24'];
    await terminal.tmux('-f', '/dev/null', 'new-session', '-d', ...size, 'sh', '-c', script, 'sh', ...command);
    return terminal;
  }

  async type(text: string): Promise<void> {
    await this.tmux('send-keys', '-l', text);
  }

  /** Keys by the names that tmux has for them: `C-c`. */
  async press(...keys: string[]): Promise<void> {
    await this.tmux('send-keys', ...keys);
  }

  async resize(columns: number, lines: number): Promise<void> {
    await this.tmux('resize-window', '-x', String(columns), '-y', String(lines));
  }

  /** What is on it, without blanks at the ends of lines. */
  async screen(): Promise<string> {
    return (await this.tmux('capture-pane', '-p')).trimEnd();
  }

  async shows(wanted: RegExp): Promise<void> {
    let seen = '';
    const there = async () => wanted.test((seen = await this.screen()));
    await waitFor(there, { ms: 20_000, every: 100, what: `${wanted} on the terminal` }).catch((error: unknown) => {
      throw new SkepError('timeout', `${messageOf(error)}; it shows:\n${seen}`);
    });
  }

  async close(): Promise<void> {
    await run('tmux', ['-S', this.socket, 'kill-server']);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private tmux(...args: string[]): Promise<string> {
    return must('tmux', ['-S', this.socket, ...args], { env: { TERM: 'xterm', TMUX: '' } });
  }

  private get socket(): string {
    return join(this.folder, 'tmux');
  }
}
