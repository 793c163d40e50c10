import { Controller, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { invalid } from '#lib/common';
import { ContainerWaits, type WaitCondition } from '../../containers/container-waits.js';

const CONDITIONS: readonly string[] = ['not-running', 'next-exit', 'removed'];

@Controller('containers/:name/wait')
export class WaitController {
  constructor(private readonly waits: ContainerWaits) {}

  /** The headers go at once: clients start the container when they have them. */
  @Post()
  @HttpCode(200)
  async wait(@Param('name') name: string, @Query('condition') asked = '', @Res() response: Response) {
    const condition = asked === '' ? 'not-running' : asked;
    if (!CONDITIONS.includes(condition)) {
      throw invalid(`invalid condition: ${JSON.stringify(asked)}: expected ${CONDITIONS.join(', ')}`);
    }
    const gone = new AbortController();
    if (response.destroyed) gone.abort();
    response.on('close', () => gone.abort());
    const ended = this.waits.begin(name, condition as WaitCondition, gone.signal);
    response.setHeader('Content-Type', 'application/json');
    response.flushHeaders();
    const code = await ended;
    if (code !== undefined) response.end(`${JSON.stringify({ StatusCode: code })}\n`);
  }
}
