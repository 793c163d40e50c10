import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import type { NetworkPlanView, NetworkView, RescanView } from '#lib/contracts';
import { parseBody } from '#lib/http';
import { createBody } from './create-body.js';
import { networkRequestOf } from './create-request.js';
import { NetworksService } from './networks.service.js';
import { Rescan } from './rescan.js';

@Controller('skep/v1/networks')
export class NetworksController {
  constructor(
    private readonly networks: NetworksService,
    private readonly rescanner: Rescan,
  ) {}

  @Get()
  list(): NetworkView[] {
    return this.networks.list();
  }

  @Get(':name')
  inspect(@Param('name') name: string): NetworkView {
    return this.networks.inspect(name);
  }

  @Post('plan')
  @HttpCode(200)
  plan(@Body() raw: unknown): NetworkPlanView {
    return this.networks.plan(networkRequestOf(parseBody(createBody, raw)));
  }

  @Post('rescan')
  @HttpCode(200)
  rescan(): Promise<RescanView> {
    return this.rescanner.run();
  }

  @Delete(':name')
  @HttpCode(204)
  async remove(@Param('name') name: string): Promise<void> {
    await this.networks.remove(name);
  }
}
