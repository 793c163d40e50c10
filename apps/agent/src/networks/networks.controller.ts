import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import type { NetworkView } from '#lib/contracts';
import { NetworksService } from './networks.service.js';

@Controller('skep/v1/networks')
export class NetworksController {
  constructor(private readonly networks: NetworksService) {}

  @Get()
  list(): NetworkView[] {
    return this.networks.list();
  }

  @Get(':name')
  inspect(@Param('name') name: string): NetworkView {
    return this.networks.inspect(name);
  }

  @Delete(':name')
  @HttpCode(204)
  async remove(@Param('name') name: string): Promise<void> {
    await this.networks.remove(name);
  }
}
