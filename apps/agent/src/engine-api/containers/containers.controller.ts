import { Body, Controller, Delete, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { Engine } from '#lib/engine';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { ContainersService } from '../../containers/containers.service.js';
import { NetworkDirectory } from '../../networks/network-directory.js';
import { ENGINE } from '../../node/tokens.js';
import { flag, integer, parseBody } from '#lib/http';
import type { Named } from './attachments.js';
import { createBody } from './create-body.js';
import { draftOf } from './create-draft.js';

/** What changes containers: POST and DELETE /containers/… */
@Controller('containers')
export class ContainersController {
  private readonly named: Named;

  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly containers: ContainersService,
    directory: ContainerDirectory,
    networks: NetworkDirectory,
  ) {
    this.named = {
      network: (name) => networks.find(name),
      container: (name) => directory.find(name),
    };
  }

  @Post('create')
  async create(@Query('name') name: string | undefined, @Body() raw: unknown) {
    const body = parseBody(createBody, raw);
    const { exposedPorts } = await this.engine.imageConfig(body.Image);
    const facts = { named: this.named, exposedPorts, now: new Date().toISOString() };
    const { id } = await this.containers.create(draftOf(name, body, facts));
    return { Id: id, Warnings: [] };
  }

  @Post(':name/start')
  async start(@Param('name') name: string, @Res() response: Response) {
    response.status((await this.containers.start(name)) ? 204 : 304).end();
  }

  @Post(':name/stop')
  async stop(@Param('name') name: string, @Query('t') t: string | undefined, @Res() response: Response) {
    const stopped = await this.containers.stop(name, { timeoutSeconds: integer('t', t) });
    response.status(stopped ? 204 : 304).end();
  }

  @Post(':name/restart')
  @HttpCode(204)
  async restart(@Param('name') name: string, @Query('t') t: string | undefined) {
    await this.containers.restart(name, { timeoutSeconds: integer('t', t) });
  }

  @Post(':name/kill')
  @HttpCode(204)
  async kill(@Param('name') name: string, @Query('signal') signal = 'SIGKILL') {
    await this.containers.kill(name, signal);
  }

  @Post(':name/pause')
  @HttpCode(204)
  async pause(@Param('name') name: string) {
    await this.containers.pause(name);
  }

  @Post(':name/unpause')
  @HttpCode(204)
  async unpause(@Param('name') name: string) {
    await this.containers.unpause(name);
  }

  @Post(':name/rename')
  @HttpCode(204)
  async rename(@Param('name') name: string, @Query('name') to = '') {
    await this.containers.rename(name, to);
  }

  @Delete(':name')
  @HttpCode(204)
  async remove(@Param('name') name: string, @Query() query: Record<string, string | undefined>) {
    await this.containers.remove(name, { force: flag(query['force']), volumes: flag(query['v']) });
  }
}
