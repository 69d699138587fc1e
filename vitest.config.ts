import { defineConfig } from 'vitest/config'
import { postgresqlBinDir } from './test/postgresql/cluster.ts'

/** Pure functions: no server, no database, no process. */
const unit = [
  'test/formats/**/*.test.ts',
  'test/terminal/**/*.test.ts',
  'test/web/**/*.test.{ts,tsx}',
  'test/demo/**/*.test.ts',
  'test/server/analyses/analyse-*.test.ts',
  'test/server/analyses/explain-failure.test.ts',
  'test/server/analyses/{binary-size,dependencies}/{*.fuzz,*.corpus,dominators,analyse-*,binary-size,diff-*,source-place,sweep}.test.ts',
  'test/server/{build-result,config,content-encoding,http-client,lifecycle,multipart-parts,until-change}.test.ts',
  'test/server/{entry-bits,fair-turns,loop-turns}.test.ts',
  'test/server/live-console/live-console.test.ts',
  'test/server/{console-limit,idle-connection,scopes,token-text}.test.ts',
  'test/server/diffs/{diff-files,same-only-to-the-byte,text-diff,summarize}.test.ts',
  'test/server/deep-diff/{diff-deep,diffoscope,malformed}.test.ts',
  'test/server/downloads-{media-type,paths}.test.ts',
  'test/server/dropin/prefers-json.test.ts',
  'test/server/facts/period.test.ts',
  'test/server/database/{database-errors,hash,program-address}.test.ts',
  'test/server/repositories/choose-packages.test.ts',
  'test/server/retention/retention-policy.test.ts',
  'test/server/event-log/event-data.test.ts',
  'test/server/scheduling/next-time.test.ts',
  'test/server/settings/config-file.test.ts',
  'test/server/notifications/plan.test.ts',
  'test/server/attestations/provenance.test.ts',
  'test/server/search/read-term.test.ts',
  'test/server/sessions/seal.test.ts',
  'test/server/webhooks/{delivery-outcome,signatures,webhook-reach,webhook-request}.test.ts',
]
/** Components in jsdom: what they render must be gone before the next, and what they spy on. */
const components = ['test/web/components/**/*.test.{ts,tsx}']
/** What reads and writes the database in every way, on the engine that larger sites use. */
const onBothEngines = [
  'test/postgresql/*.test.ts',
  'test/server/advisories/advisories.test.ts',
  'test/server/policy/judge-outputs.test.ts',
  'test/server/transparency/log.test.ts',
  'test/server/event-log/*.test.ts',
  'test/server/webhooks/deliveries.test.ts',
  'test/server/notifications/notifications.test.ts',
  'test/server/facts/{facts,remove-build}.test.ts',
  'test/server/storage/{collect-blobs,collect-race}.test.ts',
  'test/server/repositories/{killed-publisher,repositories}.test.ts',
  'test/server/retention/{removed-builds,vacuum}.test.ts',
  'test/server/runner/{killed-arrival,task-runner}.test.ts',
  'test/server/hooks/hook-administration.test.ts',
  'test/server/jobs/{history,output-change}-query.test.ts',
  'test/server/live-console/run.test.ts',
  'test/server/{exports/exports,search/search}.test.ts',
  'test/server/scheduling/{operations,scheduler,scheduling-graphql}.test.ts',
  'test/server/{arrival,changes,graphql-arguments,plans,reproducibility}.test.ts',
]
/** `npm run test:postgresql` runs everything that opens a database on PostgreSQL. */
const onPostgresql =
  process.env['BUILDER_HUB_TEST_ENGINE'] === 'postgresql' ? ['test/**/*.test.{ts,tsx}'] : onBothEngines
const never = ['test/e2e/**', 'node_modules/**']

const postgresql = {
  extends: true as const,
  test: {
    name: 'postgresql',
    include: onPostgresql,
    exclude: [...unit, ...components, ...never],
    isolate: false,
    globalSetup: ['scripts/vitest-setup.mjs', 'test/postgresql/setup.ts'],
  },
}

const isPostgresqlThere = postgresqlBinDir() !== null
if (!isPostgresqlThere) process.stderr.write('PostgreSQL is not installed: its tests are left out\n')

export default defineConfig({
  // Two copies of graphql in one process refuse each other's schemas.
  resolve: {
    dedupe: ['graphql'],
    alias: { graphql: new URL('./node_modules/graphql/index.js', import.meta.url).pathname },
  },
  test: {
    projects: [
      // Without isolation: files that keep no state share the modules that one of them has loaded.
      {
        extends: true,
        test: { name: 'unit', include: unit, exclude: [...components, ...never], isolate: false },
      },
      // Isolated: each file registers anew what happens before and after its tests (render.tsx).
      { extends: true, test: { name: 'components', include: components, exclude: never } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [...unit, 'test/postgresql/**', ...never],
          isolate: false,
          globalSetup: ['scripts/vitest-setup.mjs'],
        },
      },
      ...(isPostgresqlThere ? [postgresql] : []),
    ],
    // For a machine that is ten times slower than the ones they were written on.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    maxWorkers: 2,
  },
})
