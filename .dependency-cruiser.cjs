// The import laws of ARCHITECTURE.md. Do not set includeOnly: it hides Node's built-ins.
const folder = (name) => `^${name}/`;
const only = (from, allowed, comment) => ({
  name: `${from}-imports-only`,
  severity: 'error',
  comment,
  from: { path: folder(from) },
  to: {
    path: '^(bin|core|ecs|functions|lib|sql|local|lab|scripts|bench|test)/',
    pathNot: [from, ...allowed].map(folder),
  },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'core/ knows meaning only: zod and three pure built-ins',
      from: { path: '^core/' },
      to: { pathNot: ['^core/', '^node_modules/zod/', '^(node:)?(crypto|zlib|buffer)$'] },
    },
    only('core', [], 'core imports nobody'),
    only('ecs', ['core'], 'the streamer imports meaning only'),
    only('functions', ['core'], 'a function imports meaning only'),
    only('lib', ['core'], 'infrastructure bundles programs by path, never imports them'),
    only('sql', ['core'], 'the migration runner knows names only'),
    only('bin', ['lib', 'core', 'lab', 'local'], 'entries stay thin'),
    only('lab', [], 'the lab knows templates and log lines, not our programs'),
    only('local', ['ecs', 'functions', 'core', 'lab', 'sql'], 'the third composition root'),
    {
      name: 'functions-apart',
      severity: 'error',
      comment: 'one function never imports another',
      from: { path: '^functions/([^/]+)/' },
      to: { path: '^functions/([^/]+)/', pathNot: '^functions/$1/' },
    },
    {
      name: 'no-dev-dependency-at-run-time',
      severity: 'error',
      from: { path: '^(core|ecs|functions)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cdk-at-run-time',
      severity: 'error',
      from: { path: '^(core|ecs|functions|local|lab)/' },
      to: { path: '^node_modules/(aws-cdk-lib|constructs)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules|data|cdk\\.out|dist)/.*|\\.cjs$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
