// Imports point inwards. `npm run lint` checks it; test/server/architecture.test.ts checks that each rule works.
// main → app, schema, tasks → *.graphql.ts, *.http.ts → operations → blobs, formats → errors.

/** Which of the server's files are what. */
const graphql = '^server/(graphql/|.+\\.graphql\\.ts$)'
const http = '^server/(http\\.ts$|.+\\.http\\.ts$)'
/** What puts the features together; nothing but these imports them. */
const assembly =
  '^server/(main|app|start-server|build-deps|schema|task-handlers|tasks|worker-main|print-schema)\\.ts$'
const leaves = '^server/(blobs|formats)/'
/**
 * What is no feature, so that any new folder is one. In `analyses`, `cli` and the rest, a file that is
 * neither `*.graphql.ts` nor `*.http.ts` is an operation.
 */
const notOperations = [
  graphql,
  http,
  leaves,
  assembly,
  '^server/generated/',
  // Each file at the top level has rules of its own below.
  '^server/[^/]+$',
]

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment:
        'Two files that need each other are one, or need a third. Types alone may refer to each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'web-knows-no-server',
      comment:
        'schema.graphql is the contract between the two. Both verify signed statements, by the same readers, and name failures in the same words: those files need neither.',
      severity: 'error',
      from: { path: '^web/' },
      to: {
        path: '^(server|demo|bench|test|prisma)/',
        pathNot: [
          '^server/formats/(signing/(dsse|read-statements)|tlog/check-proof)\\.ts$',
          '^server/analyses/failure/failure-words\\.ts$',
        ],
      },
    },
    {
      name: 'server-stands-alone',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^(web|demo|bench|test|scripts)/' },
    },
    {
      name: 'terminal-stands-alone',
      comment: 'The server and the web application both use it.',
      severity: 'error',
      from: { path: '^terminal/' },
      to: { path: '^(server|web|demo|bench|test|scripts)/' },
    },
    {
      name: 'ui-knows-no-api',
      comment: 'web/ui knows neither GraphQL nor routes nor features.',
      severity: 'error',
      from: { path: '^web/ui/' },
      to: { path: ['^web/(?!ui/)', 'node_modules/(@apollo|react-router)/'] },
    },
    {
      name: 'pictures-know-no-comparison',
      comment: 'A comparison shows the pictures of two builds; a picture does not know that it is compared.',
      severity: 'error',
      from: { path: '^web/(binary-size|dependencies|charts|address)/' },
      to: { path: '^web/diffs/' },
    },
    {
      name: 'comparisons-know-no-page',
      comment: 'Pages of builds and jobs lead to comparisons. What both show of a build is in web/outcomes.',
      severity: 'error',
      from: { path: '^web/diffs/' },
      to: { path: '^web/(builds|jobs)/' },
    },
    {
      name: 'operations-know-no-graphql',
      severity: 'error',
      from: { path: '^server/', pathNot: notOperations },
      to: { path: [graphql, http, 'node_modules/(graphql|graphql-yoga|@pothos)/'] },
    },
    {
      name: 'graphql-knows-no-http',
      comment: 'But /graphql itself is served over HTTP.',
      severity: 'error',
      from: { path: graphql, pathNot: http },
      to: { path: http },
    },
    {
      name: 'http-knows-no-graphql',
      severity: 'error',
      from: { path: http, pathNot: '^server/graphql/' },
      to: { path: [graphql, 'node_modules/(graphql|graphql-yoga|@pothos)/'] },
    },
    {
      name: 'nothing-knows-the-drop-in',
      comment:
        'What exists only for the clients of builder-web stays apart; the application puts it in its place.',
      severity: 'error',
      from: { path: '^server/', pathNot: ['^server/dropin/', assembly] },
      to: { path: '^server/dropin/' },
    },
    {
      name: 'leaves-are-leaves',
      comment: 'Formats and blobs can be read, tested and reused without the rest.',
      severity: 'error',
      from: { path: leaves },
      to: { path: '^server/', pathNot: ['^server/errors\\.ts$', leaves] },
    },
    {
      name: 'formats-and-blobs-are-apart',
      severity: 'error',
      from: { path: '^server/(blobs|formats)/' },
      to: { path: leaves, pathNot: '^server/$1/' },
    },
    {
      name: 'errors-need-nothing',
      severity: 'error',
      from: { path: '^server/errors\\.ts$' },
      to: { path: '^(server|node_modules)/' },
    },
    {
      name: 'only-the-root-assembles',
      comment:
        'Features are put together in app.ts, schema.ts, tasks.ts and build-deps.ts; nothing reaches back up to them. A ' +
        'command that does the work of a server builds the same parts.',
      severity: 'error',
      from: { path: '^server/', pathNot: [assembly, '^server/cli/analyse\\.ts$'] },
      // The type of the tasks is the worker pool's contract.
      to: { path: assembly, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'tasks-have-no-outside',
      comment: 'What worker processes run is a pure function of its input.',
      severity: 'error',
      from: { path: '^server/(tasks|worker-main|workers/(serve-tasks|task-outcome))\\.ts$' },
      to: {
        path: '^server/(deps|events|log)\\.ts$|^server/(blobs|database|generated)/|node_modules/(@prisma|better-sqlite3)/',
        reachable: true,
      },
    },
    {
      name: 'only-the-outside-opens-the-database',
      comment: 'The rest is given a Reader and a Writer.',
      severity: 'error',
      from: { path: '^server/', pathNot: [assembly, '^server/cli/', '^server/database/'] },
      to: { path: '^server/database/(site-database|sqlite|postgresql)' },
    },
    {
      name: 'sqlite-in-one-place',
      comment:
        'The rest speaks Prisma, so that PostgreSQL can take its place. An import reads the file of builder-web.',
      severity: 'error',
      from: {
        path: '^server/',
        pathNot:
          '^server/(database/(sqlite/|database-errors\\.ts$)|data-dir-lock\\.ts$|imports/builder-web/builder-web-database\\.ts$)',
      },
      to: { path: 'node_modules/(better-sqlite3|@prisma/adapter-better-sqlite3)' },
    },
    {
      name: 'postgresql-in-one-place',
      comment: 'Its driver is loaded only by sites that use it.',
      severity: 'error',
      from: { path: '^server/', pathNot: '^server/database/postgresql/' },
      to: { path: 'node_modules/(pg/|@prisma/adapter-pg)|generated/prisma-postgresql' },
    },
    {
      name: 'everything-is-found',
      severity: 'error',
      from: {},
      // Types without code.
      to: { couldNotResolve: true, pathNot: '^hast$' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^server/generated/', '^web/gql/'] },
    exclude: { path: ['/dist/', '^node_modules/\\.bin'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.css'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'require'],
    },
  },
}
