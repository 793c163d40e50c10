import { Controller, Get, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { after, invalid } from '#lib/common';
import { EventLog, type NodeEvent } from '../../events/event-log.js';
import { momentOf } from '#lib/http';
import { eventFilter } from './event-filter.js';
import { eventLine } from './event-json.js';

/** A client that reads so slowly that this many bytes wait for it is let go. */
const BACKLOG = 4 << 20;

/** Docker's GET /events: what has happened since a moment, and what happens until another one. */
@Controller('events')
export class EventsController {
  constructor(private readonly log: EventLog) {}

  @Get()
  events(@Query() query: Record<string, string | undefined>, @Res() response: Response): void {
    const now = Date.now();
    const wanted = eventFilter(query['filters']);
    const since = momentOf('since', query['since'], now);
    const until = momentOf('until', query['until'], now);
    if (since !== undefined && until !== undefined && since > until) {
      throw invalid(`\`since\` time (${query['since']}) cannot be after \`until\` time (${query['until']})`);
    }
    response.setHeader('Content-Type', 'application/json');
    response.flushHeaders();
    const send = (event: NodeEvent) => {
      if (!wanted(event)) return;
      response.write(eventLine(event));
      if (response.writableLength > BACKLOG) response.destroy();
    };
    // Without a moment to begin or to end with, only what happens from now on is of interest.
    if (since !== undefined || until !== undefined) this.log.between(since, until).forEach(send);
    const left = until === undefined ? undefined : Number(until / 1_000_000n) - now;
    if (left !== undefined && left <= 0) {
      response.end();
      return;
    }
    const stop = this.log.follow(send);
    const callOff = left === undefined ? undefined : after(left, () => response.end());
    response.on('close', () => {
      callOff?.();
      stop();
    });
  }
}
