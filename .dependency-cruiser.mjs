// Import direction (docs/design/codebase.md):
// common <- domain <- {compose, planner, ipam, discovery, contracts} <- {host, engine, store, pki, http} <- drivers <- apps
const layers = [
  ['common'],
  ['domain'],
  ['compose', 'planner', 'ipam', 'discovery', 'contracts'],
  ['host', 'engine', 'store', 'pki', 'http', 'lab'],
  ['drivers'],
];

const upward = layers.flatMap((layer, level) => {
  const allowed = layers.slice(0, level).flat();
  return layer.map((lib) => ({
    name: `lib-${lib}-imports-downward-only`,
    severity: 'error',
    from: { path: `^libs/${lib}/` },
    to: { path: '^(libs|apps)/', pathNot: `^libs/(${[lib, ...allowed].join('|')})/` },
  }));
});

// The rooms of an app (top-level folders of its src/, and files that several of them import), from the bottom up: each
// imports only what is below it. What else lies beside them puts them together and is imported by none. Tests may come
// from anywhere.
const rooms = {
  agent: [
    'http',
    'forwarding',
    'node',
    'events',
    'ipam',
    'data-plane',
    'sandbox',
    'world',
    'discovery',
    'health',
    'images',
    'volumes',
    'reconciler',
    'membership',
    'networks',
    'containers',
    'swarm',
    'projects',
    'backup',
    'trace',
    'info',
    'engine-api',
  ],
  manager: [
    'cluster',
    'loops',
    'ca',
    'ingress',
    'tunnels',
    'constraints',
    'allocator',
    'orchestrator',
    'scheduler',
    'updater',
    'reaper',
    'dispatcher',
    'logs',
    'events',
    'backup',
    'control-api',
  ],
  cli: [
    'system.ts',
    'client',
    'context.ts',
    'output',
    'progress',
    'registry',
    'project',
    'swarm',
    'stack',
    'cluster',
    'daemon',
    'backup',
    'commands',
  ],
};

const ofTests = '(spec\\.ts$|/testing/)';

const ordered = Object.entries(rooms).flatMap(([app, order]) => {
  const src = `^apps/${app}/src/`;
  const inside = (names) => `${src}(${names.join('|')})(/|$)`;
  return [
    {
      name: `${app}-has-no-room-outside-the-order`,
      severity: 'error',
      from: { path: src },
      to: { path: `${src}[^/]+/`, pathNot: inside([...order, 'testing']) },
    },
    ...order.map((room, level) => ({
      name: `${app}-${room}-imports-rooms-below-only`,
      severity: 'error',
      from: { path: inside([room]), pathNot: ofTests },
      to: { path: src, pathNot: inside(order.slice(0, level + 1)) },
    })),
  ];
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...upward,
    ...ordered,
    {
      name: 'apps-do-not-import-apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'a-lib-is-imported-through-its-index',
      severity: 'error',
      from: { path: '^(apps|libs|migrations|test|bench)/', pathNot: '^libs/([^/]+)/' },
      to: { path: '^libs/[^/]+/src/', pathNot: '^libs/[^/]+/src/(index\\.ts$|testing/)' },
    },
    {
      name: 'what-tests-share-is-for-tests',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/', pathNot: ofTests },
      to: { path: '^(libs|apps)/.+/testing/' },
    },
    {
      name: 'pure-libs-do-no-io',
      severity: 'error',
      from: { path: '^libs/(common|domain|compose|planner|ipam|discovery)/src/', pathNot: 'spec\\.ts$' },
      to: { dependencyTypes: ['core'], path: '^(node:)?(child_process|net|dgram|http|https|dns)$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: '(node_modules|dist)' },
    exclude: { path: '(node_modules|dist)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'require', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
};
