import { applyDecorators, Controller, Get, Head, Header, Res } from '@nestjs/common';
import type { Response } from 'express';
import { SwarmMembership } from '../../membership/membership.js';
import { localNodeState } from './system-info.js';

/** What clients learn of whom they speak to. Builder 1 is the one of before BuildKit; which one to speak to they choose by it. */
const ANSWER = {
  'Content-Type': 'text/plain; charset=utf-8',
  'Builder-Version': '1',
  'Docker-Experimental': 'false',
  Ostype: 'linux',
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  Pragma: 'no-cache',
};

const headers = () => applyDecorators(...Object.entries(ANSWER).map(([name, value]) => Header(name, value)));

/** `/_ping`: the node is ready when it answers. */
@Controller('_ping')
export class PingController {
  constructor(private readonly membership: SwarmMembership) {}

  @Get()
  @headers()
  get(@Res({ passthrough: true }) response: Response): string {
    this.head(response);
    return 'OK';
  }

  /** By `Swarm` the CLI knows which commands to show in its help. */
  @Head()
  @headers()
  head(@Res({ passthrough: true }) response: Response): void {
    const { current } = this.membership;
    const state = localNodeState(current);
    response.setHeader('Swarm', state === 'active' ? `active/${current!.role}` : state);
  }
}
