import { existsSync } from 'node:fs';
import { Body, Controller, Delete, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { invalid, newId, SkepError, unsupported } from '#lib/common';
import type { Engine } from '#lib/engine';
import { unpublished } from '#lib/drivers';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { ContainerPruning } from '../../containers/container-pruning.js';
import { ContainersService } from '../../containers/containers.service.js';
import { RunningContainers } from '../../containers/running-containers.js';
import type { StopOptions } from '../../containers/stop-options.js';
import { DefaultNetwork } from '../../networks/default-network.js';
import { NetworkDirectory } from '../../networks/network-directory.js';
import { ENGINE } from '../../node/tokens.js';
import { ClusterAttachments } from '../../networks/cluster-attachments.js';
import { volumeRequest, withNames } from '../../volumes/mounts.js';
import { anonymousName } from '../../volumes/volume-json.js';
import { before, flag, integer, parseBody } from '#lib/http';
import { clusterWishes, withoutNetwork, type Named } from './attachments.js';
import { parseReference } from '../images/reference.js';
import { createBody, type CreateBody, hostConfig } from './create-body.js';
import { warningsOf } from './create-checks.js';
import { checkPlatform } from './image-platform.js';
import { checkName, draftOf, restartOf } from './create-draft.js';
import { checkLimits } from './limits.js';
import { VolumesService } from '../volumes/volumes.service.js';
import { pruneFilter } from './prune-filter.js';
import { limitsOf, updateBody } from './update-body.js';

/** To clients 404 means that the image is missing, and they pull it: what else is missing is another mistake. */
function notTheImage(error: unknown): never {
  throw SkepError.is(error, 'not_found') ? invalid(error.message, error) : error;
}

type StopQuery = Partial<Record<'t' | 'signal', string>>;

/** Before API 1.42 there was no signal to choose, and whoever sends one then has never had it sent. */
function stopOptions({ t, signal }: StopQuery, response: Response): StopOptions {
  return { timeoutSeconds: integer('t', t), signal: before(response, '1.42') ? undefined : signal };
}

function withVolumeNames(body: CreateBody): { body: CreateBody; ownVolumes: string[] } {
  if (!body.HostConfig?.Mounts) return { body, ownVolumes: [] };
  const { mounts: Mounts, own: ownVolumes } = withNames(body.HostConfig.Mounts, anonymousName);
  return { body: { ...body, HostConfig: { ...body.HostConfig, Mounts } }, ownVolumes };
}

/** What changes containers: POST and DELETE /containers/… */
@Controller('containers')
export class ContainersController {
  private readonly named: Named;

  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly containers: ContainersService,
    private readonly running: RunningContainers,
    private readonly pruning: ContainerPruning,
    private readonly directory: ContainerDirectory,
    private readonly networks: NetworkDirectory,
    private readonly defaultNetwork: DefaultNetwork,
    private readonly cluster: ClusterAttachments,
    private readonly volumes: VolumesService,
  ) {
    this.named = {
      network: (name) => networks.find(name),
      container: (name) => directory.find(name),
    };
  }

  @Post('create')
  async create(@Query() { name, platform }: Partial<Record<'name' | 'platform', string>>, @Body() raw: unknown) {
    const { body, ownVolumes } = withVolumeNames(
      withoutNetwork(parseBody(createBody, raw), this.defaultNetwork.isWithheld),
    );
    if (body.Image === '') throw invalid('no command specified');
    parseReference(body.Image);
    const { defaults: image, platform: actual } = await this.engine.imageConfig(body.Image);
    checkPlatform(body.Image, platform, actual);
    const id = newId();
    const facts = { id, named: this.named, image, ownVolumes, exists: existsSync, now: new Date().toISOString() };
    const asked = clusterWishes(
      { id, name: name ?? id },
      body.HostConfig ?? hostConfig.parse({}),
      body.NetworkingConfig?.EndpointsConfig ?? {},
    );
    const container = await this.cluster
      .holding(asked, async () => {
        const draft = draftOf(name, body, facts);
        await this.makeVolumes(body);
        return this.containers.create(draft);
      })
      .catch(notTheImage);
    const networks = new Map(this.networks.all().map((network) => [network.id, network]));
    const warnings = body.HostConfig ? warningsOf(body.HostConfig) : [];
    return { Id: container.id, Warnings: [...warnings, ...unpublished(container, networks)] };
  }

  @Post(':name/start')
  async start(@Param('name') name: string, @Res() response: Response) {
    response.status((await this.containers.start(name)) ? 204 : 304).end();
  }

  @Post(':name/stop')
  async stop(@Param('name') name: string, @Query() query: StopQuery, @Res() response: Response) {
    const stopped = await this.containers.stop(name, stopOptions(query, response));
    response.status(stopped ? 204 : 304).end();
  }

  @Post(':name/restart')
  @HttpCode(204)
  async restart(
    @Param('name') name: string,
    @Query() query: StopQuery,
    @Res({ passthrough: true }) response: Response,
  ) {
    await this.containers.restart(name, stopOptions(query, response));
  }

  @Post(':name/kill')
  @HttpCode(204)
  async kill(@Param('name') name: string, @Query('signal') signal = 'SIGKILL') {
    await this.running.kill(name, signal);
  }

  @Post(':name/pause')
  @HttpCode(204)
  async pause(@Param('name') name: string) {
    await this.running.pause(name);
  }

  @Post(':name/unpause')
  @HttpCode(204)
  async unpause(@Param('name') name: string) {
    await this.running.unpause(name);
  }

  @Post(':name/rename')
  @HttpCode(204)
  async rename(@Param('name') name: string, @Query('name') to = '') {
    const { id } = this.directory.find(name);
    if (to === '') throw invalid('Neither old nor new names may be empty');
    checkName(to);
    await this.containers.rename(id, to.replace(/^\//, ''));
  }

  @Post(':name/update')
  @HttpCode(200)
  async update(@Param('name') name: string, @Body() raw: unknown) {
    const body = parseBody(updateBody, raw);
    const { container } = this.directory.know(name);
    const resources = limitsOf(body);
    checkLimits({ ...container.spec.HostConfig, ...container.resources, ...resources });
    const restart = body.RestartPolicy?.Name ? restartOf(body.RestartPolicy, false) : undefined;
    await this.containers.update(container.id, { resources, restart });
    return { Warnings: [] };
  }

  @Post('prune')
  @HttpCode(200)
  async prune(@Query('filters') filters: string | undefined) {
    const { removed, bytes } = await this.pruning.prune(pruneFilter(filters, Date.now()));
    return { ContainersDeleted: removed.length > 0 ? removed : null, SpaceReclaimed: bytes };
  }

  @Delete(':name')
  @HttpCode(204)
  async remove(@Param('name') name: string, @Query() query: Record<string, string | undefined>) {
    if (flag(query['link'])) {
      throw unsupported('links are settled when a container is made (--link), and none can be removed');
    }
    await this.containers.remove(name, { force: flag(query['force']), volumes: flag(query['v']) });
  }

  /** What mounts describe of their volumes holds for those that are not there yet. */
  private async makeVolumes({ HostConfig }: CreateBody): Promise<void> {
    for (const mount of HostConfig?.Mounts ?? []) {
      const volume = volumeRequest(mount);
      if (volume) await this.volumes.create(volume);
    }
  }
}
