import { Controller, Get, Res, type OnModuleDestroy } from '@nestjs/common';
import type { Response } from 'express';
import { ClusterEvents } from './cluster-events.js';

/** An agent that reads so slowly that this many bytes wait for it is let go, and asks again. */
const BACKLOG = 4 << 20;

/** For this node's agent, which tells it in GET /events. */
@Controller('skep/v1/events')
export class EventsController implements OnModuleDestroy {
  /** who listens, and what stops it */
  private readonly open = new Map<Response, () => void>();

  constructor(private readonly events: ClusterEvents) {}

  /** ClusterEvents from now on, one a line. */
  @Get()
  follow(@Res() response: Response): void {
    response.setHeader('Content-Type', 'application/x-ndjson');
    response.flushHeaders();
    const stop = this.events.follow((event) => {
      response.write(`${JSON.stringify(event)}\n`);
      if (response.writableLength <= BACKLOG) return;
      stop();
      response.destroy();
    });
    this.open.set(response, stop);
    response.on('close', () => {
      stop();
      this.open.delete(response);
    });
  }

  /** A server closes when the last answer has ended. */
  onModuleDestroy(): void {
    for (const [response, stop] of this.open) {
      stop();
      response.end();
    }
  }
}
