import { Controller, Inject, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { invalid } from '#lib/common';
import type { Engine } from '#lib/engine';
import { ENGINE } from '../node/tokens.js';

@Controller('skep/v1/images')
export class ImagesController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  /** The body is the tar of a root file system, streamed. */
  @Post('import')
  async import(@Query('name') name: string | undefined, @Req() request: Request): Promise<{ id: string }> {
    if (!name || !/^[a-z0-9][a-z0-9._/:-]*$/.test(name)) {
      throw invalid(`image name "${name ?? ''}": expected NAME:TAG in lower case, for example demo/web:1`);
    }
    return { id: await this.engine.importImage(request, name) };
  }
}
