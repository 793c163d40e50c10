import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { invalid, notFound } from '#lib/common';
import type { Network } from '#lib/domain';
import { AttachmentsService } from '../../containers/attachments.service.js';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { NetworkDirectory } from '../../networks/network-directory.js';
import { NetworksService } from '../../networks/networks.service.js';
import { attachmentOf, type Named } from '../containers/attachments.js';
import { parseBody } from '#lib/http';
import { connectBody, createBody, disconnectBody } from './create-body.js';
import { networkRequestOf } from './create-request.js';
import { listFilter, pruneFilter } from './network-filters.js';
import { networkJson, type ActiveEndpoint } from './network-json.js';

/** Docker's /networks. */
@Controller('networks')
export class DockerNetworksController {
  private readonly named: Named;

  constructor(
    private readonly networks: NetworksService,
    private readonly attachments: AttachmentsService,
    private readonly directory: NetworkDirectory,
    private readonly containers: ContainerDirectory,
  ) {
    this.named = { network: (name) => directory.find(name), container: (name) => containers.find(name) };
  }

  @Post('create')
  async create(@Body() raw: unknown) {
    const { network, warnings } = await this.networks.create(networkRequestOf(parseBody(createBody, raw)));
    return { Id: network.id, Warning: warnings.join('\n') };
  }

  @Get()
  list(@Query('filters') filters: string | undefined) {
    const wanted = listFilter(filters);
    return this.directory
      .all()
      .filter((network) => wanted(network, this.activeOn(network).length > 0))
      .map((network) => networkJson(network));
  }

  @Post('prune')
  @HttpCode(200)
  async prune(@Query('filters') filters: string | undefined) {
    const removed = await this.networks.prune(pruneFilter(filters, Date.now()));
    return { NetworksDeleted: removed.length > 0 ? removed : null };
  }

  /** `verbose` adds what only overlay networks have. */
  @Get(':name')
  inspect(@Param('name') name: string, @Query('scope') scope = '') {
    const network = this.directory.find(name);
    if (scope !== '' && scope !== 'local') throw notFound(`network ${name} not found`);
    return networkJson(network, this.activeOn(network));
  }

  @Delete(':name')
  @HttpCode(204)
  async remove(@Param('name') name: string): Promise<void> {
    await this.networks.remove(name);
  }

  @Post(':name/connect')
  @HttpCode(200)
  async connect(@Param('name') name: string, @Body() raw: unknown): Promise<void> {
    const { Container, EndpointConfig } = parseBody(connectBody, raw);
    const container = this.containerNamed(Container);
    await this.attachments.connect(container.id, attachmentOf(this.directory.find(name), EndpointConfig, this.named));
  }

  /** Force is for containers that are gone without a trace, which leave no endpoint here. */
  @Post(':name/disconnect')
  @HttpCode(200)
  async disconnect(@Param('name') name: string, @Body() raw: unknown): Promise<void> {
    const { Container } = parseBody(disconnectBody, raw);
    await this.attachments.disconnect(this.containerNamed(Container).id, this.directory.find(name).id);
  }

  private containerNamed(idOrName: string | undefined) {
    if (!idOrName) throw invalid('invalid container: name or ID is empty');
    return this.containers.find(idOrName);
  }

  private activeOn(network: Network): ActiveEndpoint[] {
    return this.containers.all().flatMap((container) => {
      const endpoint = container.endpoints.find((at) => at.networkId === network.id);
      if (!endpoint) return [];
      const { seen } = this.containers.about(container);
      return seen?.state === 'running' || seen?.state === 'paused' ? [{ container, endpoint }] : [];
    });
  }
}
