import type { ClusterConfig } from '#lib/domain';
import type { ClusterChange, ClusterStore } from '#lib/store';
import type { ClusterKey } from './cluster-key.js';

type Legacy = ClusterConfig['legacy'];

/**
 * Seals the configs that an older version kept open, and clears the database's files of what lay open in them. Each step is
 * marked in the rows: after a kill in its middle the next start goes on.
 */
export async function sealConfigs(store: ClusterStore, key: ClusterKey): Promise<void> {
  const rewrite = (marked: Legacy, next: (config: ClusterConfig) => ClusterConfig) =>
    store.transact((view) => {
      const found = view.list('config').filter(({ legacy }) => legacy === marked);
      const changes = found.map((config): ClusterChange => ({ op: 'put', kind: 'config', value: next(config) }));
      return { changes, result: undefined };
    });
  await rewrite('open', (config) => {
    const Data = key.seal(Buffer.from(config.spec.Data, 'base64'));
    return { ...config, spec: { ...config.spec, Data }, legacy: 'sealed' };
  });
  if (!store.list('config').some(({ legacy }) => legacy === 'sealed')) return;
  await store.purge();
  await rewrite('sealed', ({ legacy: _done, ...config }) => config);
}
