import { applyDecorators, Controller, Get, Head, Header } from '@nestjs/common';

/** What clients learn of whom they speak to. Builder 1 is the one of before BuildKit; which one to speak to they choose by it. */
const ANSWER = {
  'Content-Type': 'text/plain; charset=utf-8',
  'Builder-Version': '1',
  'Docker-Experimental': 'false',
  Ostype: 'linux',
  Swarm: 'inactive',
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  Pragma: 'no-cache',
};

const headers = () => applyDecorators(...Object.entries(ANSWER).map(([name, value]) => Header(name, value)));

/** `/_ping`: the node is ready when it answers. */
@Controller('_ping')
export class PingController {
  @Get()
  @headers()
  get(): string {
    return 'OK';
  }

  @Head()
  @headers()
  head(): void {}
}
