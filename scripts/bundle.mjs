// Bundles the server, which then starts three times as fast as from its sources. With the argument `test` it
// bundles the programs that tests start as processes.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const product = {
  server: 'server/main.ts',
  tasks: 'server/worker-main.ts',
  hub: 'server/cli/main.ts',
  demo: 'demo/main.ts',
}
const testPrograms = {
  child: 'test/durability/child.ts',
  'hostile-analyser': 'test/server/analyses/hostile-analyser.ts',
  'hostile-worker': 'test/server/workers/hostile-worker.ts',
  'killed-parent': 'test/server/workers/killed-parent.ts',
  'killed-runner': 'test/server/runner/killed-runner.ts',
  'killed-scheduler': 'test/server/scheduling/killed-scheduler.ts',
  'killed-publisher': 'test/server/repositories/killed-publisher.ts',
  'killed-sequencer': 'test/server/transparency/killed-sequencer.ts',
  'killed-tasks': 'test/server/runner/killed-tasks.ts',
  'killed-server': 'test/server/analyses/killed-server.ts',
  'killed-verify': 'test/server/verify/killed-verify.ts',
  migrate: 'test/server/migrate.ts',
  'make-template': 'test/make-template.ts',
  site: 'test/e2e/site.ts',
  'run-site': 'test/e2e/run-site.ts',
}
const isForTests = process.argv[2] === 'test'
const outdir = isForTests ? 'dist/test' : 'dist'

const { metafile } = await build({
  entryPoints: isForTests ? testPrograms : product,
  outdir,
  metafile: true,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  // Less to read at each start. Names stay, for the traces of errors.
  minifyWhitespace: true,
  minifySyntax: true,
  // ES modules where packages have both: calls between those are direct, while each use of what
  // require() gave goes through a getter. All get the same copy of graphql, however they ask.
  mainFields: ['module', 'main'],
  resolveExtensions: ['.mjs', '.js', '.ts', '.json'],
  // In development, graphql checks for each value whether it comes from a second copy of graphql.
  define: { 'process.env.NODE_ENV': '"production"' },
  // Not bundled: native code, and packages that load files from their own folder.
  external: ['better-sqlite3'],
  // Packages written for require() expect these names.
  banner: {
    js: `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`,
  },
  logLevel: 'warning',
})

// The names of chunks contain a hash of their text: those of earlier builds would stay for ever.
const made = new Set(Object.keys(metafile.outputs))
for (const name of readdirSync(join(outdir, 'chunks')))
  if (!made.has(`${outdir}/chunks/${name}`)) rmSync(join(outdir, 'chunks', name))
