import { Inject, Injectable } from '@nestjs/common';
import { newId } from '#lib/common';
import type { BuildNetwork } from '#lib/engine';
import type { Store } from '#lib/store';
import { ContainersService } from '../../containers/containers.service.js';
import type { Draft } from '../../containers/draft.js';
import { DefaultNetwork } from '../../networks/default-network.js';
import { NetworkDirectory } from '../../networks/network-directory.js';
import { NODE, STORE, type Node } from '../../node/tokens.js';
import { Sandbox } from '../../sandbox/sandbox.js';
import { UNSAID } from '../containers/attachments.js';

/** A build's network namespace is a container's, made by the same desired state, without a container in the engine. */
@Injectable()
export class BuildSandboxes {
  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    private readonly containers: ContainersService,
    private readonly networks: NetworkDirectory,
    private readonly defaultNetwork: DefaultNetwork,
    private readonly sandbox: Sandbox,
  ) {}

  /** @param mode `networkmode` of POST /build: empty, `default` and `bridge` mean `nat`, or none where there is to be none */
  async within<T>(mode: string, build: (network: BuildNetwork) => Promise<T>): Promise<T> {
    if (mode === 'host') return build({ mode });
    const alone = mode === 'none' || (UNSAID.includes(mode) && this.defaultNetwork.isWithheld);
    const network = alone ? undefined : this.networks.find(mode === '' ? 'default' : mode).name;
    const draft = draftFor(network);
    await this.containers.create(draft);
    try {
      const container = this.store.get('container', draft.id)?.value;
      return await build({
        netnsPath: this.node.names.netnsPath(draft.id),
        alone: network === undefined,
        hostGateway: container && this.sandbox.hostGateway(container),
      });
    } finally {
      await this.containers.giveUp(draft.id);
    }
  }

  /** Those of builds that ended with an earlier agent. */
  async clear(): Promise<void> {
    const left = this.store.list('container').filter((each) => each.sandboxOnly && each.target !== 'removed');
    for (const { id } of left) await this.containers.giveUp(id);
  }
}

function draftFor(network: string | undefined): Draft {
  const id = newId();
  return {
    id,
    name: `build-${id.slice(0, 12)}`,
    spec: { Image: '' },
    specHash: '',
    networkMode: 'bridged',
    attachments: network === undefined ? [] : [{ network, aliases: [], links: {}, gwPriority: 0, priority: 0 }],
    portRequests: [],
    dns: { servers: [], search: [], options: [], extraHosts: [] },
    files: [],
    restart: { name: 'no', maxRetries: 0 },
    dependsOn: [],
    pullPolicy: 'never',
    target: 'created',
    origin: 'api',
    sandboxOnly: true,
    stopGraceSeconds: 0,
    createdAt: new Date().toISOString(),
  };
}
