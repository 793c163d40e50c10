import { Inject, Injectable } from '@nestjs/common';
import { invalid } from '#lib/common';
import type { Container } from '#lib/domain';
import type { Engine } from '#lib/engine';
import { flag, momentOf } from '#lib/http';
import { ENGINE } from '../node/tokens.js';
import { ContainerDirectory } from './container-directory.js';
import { logDetails } from './log-details.js';
import { logPieces, type LogPiece } from './log-stream.js';

/** What containers wrote, in the form in which Docker's clients read it. */
@Injectable()
export class ContainerLogs {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly directory: ContainerDirectory,
  ) {}

  /**
   * Comes back when the log is open; errors in Docker's words.
   * @param query of GET /containers/:name/logs
   * @param gone nobody reads any more
   * @param context with `details`, what stands before the container's own in front of each piece, also where a line goes on
   */
  async open(
    name: string,
    query: URLSearchParams,
    gone: AbortSignal,
    context?: string,
  ): Promise<{ container: Container; log: AsyncIterable<LogPiece> }> {
    const asked = (option: string) => flag(query.get(option) ?? undefined);
    const [stdout, stderr] = [asked('stdout'), asked('stderr')];
    if (!stdout && !stderr) throw invalid('Bad parameters: you must choose at least one stream');
    const container = this.directory.find(name);
    const parts = await this.engine.logs(this.directory.engineId(container.id), {
      follow: asked('follow'),
      tail: tailOf(query.get('tail')),
      since: momentOf('since', query.get('since')),
      until: momentOf('until', query.get('until')),
      signal: gone,
    });
    const log = logPieces(parts, {
      stdout,
      stderr,
      timestamps: asked('timestamps'),
      details: asked('details') ? [context, logDetails(container.spec)].filter(Boolean).join(',') : undefined,
      eachPiece: context !== undefined,
      framed: !container.spec.Tty,
    });
    return { container, log };
  }
}

/** What is no number, and what is below 0, means all (Docker's rule). */
function tailOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
