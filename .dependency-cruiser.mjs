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

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...upward,
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
      from: { path: '^(apps|libs|migrations)/', pathNot: '(spec\\.ts$|/testing/)' },
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
