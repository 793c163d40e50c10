import { Body, Controller, HttpCode, Post, Query } from '@nestjs/common';
import { flag, parseBody } from '#lib/http';
import { initBody, joinBody } from './bodies.js';
import { SwarmService } from './swarm.service.js';

/** The swarm's endpoints that are about this node; the others are the manager's. */
@Controller('swarm')
export class SwarmController {
  constructor(private readonly swarm: SwarmService) {}

  @Post('init')
  @HttpCode(200)
  async init(@Body() body: unknown): Promise<string> {
    return JSON.stringify(await this.swarm.init(parseBody(initBody, body)));
  }

  @Post('join')
  @HttpCode(200)
  async join(@Body() body: unknown): Promise<void> {
    await this.swarm.join(parseBody(joinBody, body));
  }

  @Post('leave')
  @HttpCode(200)
  async leave(@Query('force') force: string | undefined): Promise<void> {
    await this.swarm.leave(flag(force));
  }
}
