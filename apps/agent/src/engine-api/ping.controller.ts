import { Controller, Get, Head, Header } from '@nestjs/common';

/** `/_ping`: the node is ready when it answers. */
@Controller('_ping')
export class PingController {
  @Get()
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Header('Ostype', 'linux')
  @Header('Server', 'skep')
  @Header('Cache-Control', 'no-cache, no-store, must-revalidate')
  get(): string {
    return 'OK';
  }

  @Head()
  @Header('Ostype', 'linux')
  @Header('Server', 'skep')
  head(): void {}
}
