import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { conflict, invalid, notFound, SkepError, unavailable } from '#lib/common';
import { isVirtual, nodeNetworkNamed, type Network } from '#lib/domain';
import { AttachmentsService } from '../../containers/attachments.service.js';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { EventLog } from '../../events/event-log.js';
import { ClusterAttachments } from '../../networks/cluster-attachments.js';
import { createBody } from '../../networks/create-body.js';
import { isOfSwarm, networkRequestOf } from '../../networks/create-request.js';
import { ForeignFirewalls } from '../../networks/foreign-firewalls.js';
import { NetworkDirectory } from '../../networks/network-directory.js';
import { NetworksService } from '../../networks/networks.service.js';
import { NOT_A_MANAGER, parseBody } from '#lib/http';
import { NODE, type Node } from '../../node/tokens.js';
import { attachmentOf, clusterWish, type Named } from '../containers/attachments.js';
import { connectBody, disconnectBody } from './endpoint-bodies.js';
import { listFilter, pruneFilter } from './network-filters.js';
import { asTarget, networkJson, ofSwarm, type ActiveEndpoint } from './network-json.js';
import { SwarmNetworks } from './swarm-networks.js';

/** Docker's /networks. */
@Controller('networks')
export class DockerNetworksController {
  private readonly named: Named;

  constructor(
    @Inject(NODE) private readonly node: Node,
    private readonly networks: NetworksService,
    private readonly attachments: AttachmentsService,
    private readonly directory: NetworkDirectory,
    private readonly containers: ContainerDirectory,
    private readonly swarm: SwarmNetworks,
    private readonly cluster: ClusterAttachments,
    private readonly events: EventLog,
    private readonly firewalls: ForeignFirewalls,
  ) {
    this.named = { network: (name) => directory.find(name), container: (name) => containers.find(name) };
  }

  @Post('create')
  async create(@Body() raw: unknown) {
    const body = parseBody(createBody, raw);
    if (isOfSwarm(body)) {
      const { name } = networkRequestOf({ ...body, Driver: '', Scope: '', Ingress: false });
      if (this.directory.all().some((other) => other.name === name)) {
        throw conflict(`network with name ${name} already exists`);
      }
      return this.warned(await this.swarm.create(raw));
    }
    const { network, warnings } = await this.networks.create(networkRequestOf(body));
    return { Id: network.id, Warning: warnings.join('\n') };
  }

  @Get()
  async list(@Query('filters') filters: string | undefined) {
    const wanted = listFilter(filters);
    const cluster = await this.swarm.list();
    // A manager's list says which networks of the swarm there are; this node may be about to remove one that is not.
    const own = this.directory
      .all()
      .filter(({ id, driver }) => driver !== 'overlay' || !this.swarm.managed || cluster.some(({ Id }) => Id === id));
    const ids = new Set(own.map(({ id }) => id));
    return [
      ...own
        .filter((network) => wanted(network, this.activeOn(network).length > 0))
        .map((network) => networkJson(network)),
      ...cluster.filter(({ Id }) => !ids.has(Id)).filter((network) => wanted(ofSwarm(network), true)),
    ];
  }

  @Post('prune')
  @HttpCode(200)
  async prune(@Query('filters') filters: string | undefined) {
    const fits = pruneFilter(filters, Date.now());
    const removed = [
      ...(await this.networks.prune((network) => network.driver !== 'overlay' && fits(network))),
      ...(await this.swarm.prune((network) => fits({ ...ofSwarm(network), createdAt: network.Created }))),
    ];
    this.events.pruned('network', 0);
    return { NetworksDeleted: removed.length > 0 ? removed : null };
  }

  /** What of a network of the swarm is on this node is shown with it. */
  @Get(':name')
  async inspect(@Param('name') name: string, @Query('scope') scope = '') {
    const known = this.known(name);
    const cluster = known && known.driver !== 'overlay' ? undefined : await this.swarm.find(name);
    const network = known?.driver === 'overlay' && this.swarm.managed && !cluster ? undefined : known;
    const target = nodeNetworkNamed(name);
    if (known && target && scope === 'swarm' && this.swarm.managed) return asTarget(networkJson(known), target);
    const shown = network ? networkJson(network, this.activeOn(network)) : cluster;
    if (!shown || (scope !== '' && scope !== shown.Scope)) throw notFound(`network ${name} not found`);
    return shown;
  }

  @Delete(':name')
  @HttpCode(204)
  async remove(@Param('name') name: string): Promise<void> {
    const known = this.known(name);
    if (known && known.driver !== 'overlay') return this.networks.remove(name);
    const cluster = await this.swarm.find(name);
    if (cluster) return this.swarm.remove(cluster.Id);
    throw known && !this.swarm.managed ? unavailable(NOT_A_MANAGER) : notFound(`network ${name} not found`);
  }

  @Post(':name/connect')
  @HttpCode(200)
  async connect(@Param('name') name: string, @Body() raw: unknown): Promise<void> {
    const { Container, EndpointConfig } = parseBody(connectBody, raw);
    const container = this.containerNamed(Container);
    await this.cluster.holding([clusterWish(container, name, EndpointConfig)], () =>
      this.attachments.connect(container.id, attachmentOf(this.directory.find(name), EndpointConfig, this.named)),
    );
  }

  /** Force is for containers that are gone without a trace, which leave no endpoint here. */
  @Post(':name/disconnect')
  @HttpCode(200)
  async disconnect(@Param('name') name: string, @Body() raw: unknown): Promise<void> {
    const { Container } = parseBody(disconnectBody, raw);
    await this.attachments.disconnect(this.containerNamed(Container).id, name);
  }

  /** Of a network of the swarm that this node makes when something of it is to be here. */
  private async warned(made: { Id: string; Warning: string }): Promise<{ Id: string; Warning: string }> {
    // The network is made: nothing that happens here is to look as if it were not.
    const shown = await this.swarm.find(made.Id).catch(() => undefined);
    if (!shown) return made;
    const pools = shown.IPAM.Config.map(({ Subnet, Gateway }) => ({ subnet: Subnet, gateway: Gateway }));
    const place = { linkName: this.node.names.bridge(made.Id), target: 'present' } as const;
    const warnings = this.firewalls.warnings([{ ...ofSwarm(shown), ...place, internal: shown.Internal, pools }]);
    return { ...made, Warning: [made.Warning, ...warnings].filter(Boolean).join('\n') };
  }

  /** undefined: this node has no such network */
  private known(name: string): Network | undefined {
    try {
      return this.directory.find(name);
    } catch (error) {
      if (SkepError.is(error, 'not_found')) return undefined;
      throw error;
    }
  }

  private containerNamed(idOrName: string | undefined) {
    if (!idOrName) throw invalid('invalid container: name or ID is empty');
    return this.containers.find(idOrName);
  }

  private activeOn(network: Network): ActiveEndpoint[] {
    return this.containers.all().flatMap((container) => {
      const attached = container.endpoints.find((at) => at.networkId === network.id);
      // On the node's own network, and on none, a container is by its mode.
      const virtual = isVirtual(network) && container.networkMode === network.driver;
      const endpoint = attached ?? (virtual ? { mac: '' } : undefined);
      if (!endpoint) return [];
      const { seen } = this.containers.about(container);
      return seen?.state === 'running' || seen?.state === 'paused' ? [{ container, endpoint }] : [];
    });
  }
}
