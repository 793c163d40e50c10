import { All, Controller, Get, Post } from '@nestjs/common';
import { notFound, unsupported } from '#lib/common';

/** What a Docker Engine has and a node of skep has not. */
@Controller()
export class AbsentController {
  @Get('plugins')
  plugins(): unknown[] {
    return [];
  }

  @All('plugins/*path')
  plugin(): never {
    throw notFound('plugins are not there: networks and volumes are what the node itself offers');
  }

  /** BuildKit's two. Clients that are not told otherwise by `/_ping` fall back when these are refused. */
  @Post(['session', 'grpc'])
  buildKit(): never {
    throw unsupported('BuildKit is not served: the classic builder is, which DOCKER_BUILDKIT=0 chooses');
  }
}
