import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#lib/common';
import { daemonConfig, type ResolverClient } from '#lib/contracts';
import { FakeEngine } from '#lib/engine';
import { FakeHost, type Host } from '#lib/host';
import { openNodeStore, type Store } from '#lib/store';
import { createApplication, type Application } from '../application.js';
import { ProcessLogger } from '#lib/http';
import { Lifecycle } from '../lifecycle.js';
import { databasePath } from '../node/node.module.js';

/** A resolver that listens wherever it is told to. */
class ObedientResolver implements ResolverClient {
  readonly sandboxes = new Set<string>();
  /** by network: where its containers are told that their node is */
  readonly nodeAt = new Map<string, string>();

  async apply({ sandboxes, removedSandboxes, zones }: Parameters<ResolverClient['apply']>[0]) {
    for (const { networkName = '', gateway = '' } of zones ?? []) this.nodeAt.set(networkName, gateway);
    for (const { id } of sandboxes ?? []) this.sandboxes.add(id ?? '');
    for (const id of removedSandboxes ?? []) this.sandboxes.delete(id);
    return { errors: [] };
  }

  async getState() {
    return { sandboxes: [...this.sandboxes], zones: [] };
  }

  async explain() {
    return { rcode: 'NOERROR', rule: 'service name', network: 'shop_default', answers: ['10.0.0.2'], omitted: [] };
  }

  async getMetrics() {
    return '';
  }

  close(): void {}
}

type Settings = Parameters<typeof daemonConfig>[0];

/** A whole agent over a store of its own, with engine and resolver in memory. The engine has the image `demo`. */
export class TestAgent<Kernel extends Host = FakeHost> {
  private constructor(
    readonly folder: string,
    readonly store: Store,
    readonly host: Kernel,
    readonly engine: FakeEngine,
    readonly resolver: ObedientResolver,
    readonly application: Application,
    readonly server: Server,
  ) {}

  /**
   * The kernel is in memory as well.
   * @param settings of the daemon's configuration, without the roots
   */
  static async open(settings: Settings = {}): Promise<TestAgent> {
    const host = new FakeHost();
    return TestAgent.with(host, new FakeEngine(systemClock, host), settings);
  }

  /** On a real kernel: the processes of containers are in memory, their links are not. */
  static on(host: Host): Promise<TestAgent<Host>> {
    return TestAgent.with(host, new FakeEngine(systemClock), {});
  }

  private static async with<Kernel extends Host>(host: Kernel, engine: FakeEngine, settings: Settings) {
    const folder = mkdtempSync(join(tmpdir(), 'skep-api-'));
    const config = daemonConfig({ ...settings, dataRoot: folder, execRoot: join(folder, 'exec') });
    const store = await openNodeStore(databasePath(config));
    engine.addImage('demo');
    const resolver = new ObedientResolver();
    const parts = { config, store, host, engine, resolver };
    const application = await createApplication(parts, new ProcessLogger('agent', 'fatal'));
    await application.app.get(Lifecycle).start();
    return new TestAgent(folder, store, host, engine, resolver, application, application.createServer());
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await this.application.app.get(Lifecycle).stop();
    await this.store.close();
    rmSync(this.folder, { recursive: true });
  }
}
