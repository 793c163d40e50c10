import { pipeline } from 'node:stream/promises';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { before } from '#lib/http';
import { ContainerLogs } from '../../containers/container-logs.js';
import { bytesOf } from '../../containers/log-stream.js';
import { MULTIPLEXED_STREAM, RAW_STREAM } from '../passthrough/stream-types.js';

@Controller('containers/:name/logs')
export class LogsController {
  constructor(private readonly logs: ContainerLogs) {}

  @Get()
  async read(@Param('name') name: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const query = new URL(request.url, 'http://node').searchParams;
    const { container, log } = await this.logs.open(name, query, gone.signal);
    const framed = !container.spec.Tty && !before(response, '1.42');
    response.setHeader('Content-Type', framed ? MULTIPLEXED_STREAM : RAW_STREAM);
    // Clients that follow wait for the headers.
    response.flushHeaders();
    // What cannot be read any further ends the connection; nobody can be told more.
    await pipeline(bytesOf(log), response).catch(() => response.destroy());
  }
}
