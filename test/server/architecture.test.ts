import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { cruise, type ICruiseResult, type IConfiguration } from 'dependency-cruiser'
import { expect, test } from 'vitest'
import { temporaryDir } from '../app.ts'

const configuration = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as IConfiguration

/** What breaks the rules, as `rule: from → to`. */
async function violationsIn(baseDir: string, folders: string[]): Promise<string[]> {
  const { options, ...ruleSet } = configuration
  const { output } = await cruise(folders, { ...options, ruleSet, baseDir, validate: true })
  if (typeof output === 'string') throw new Error('dependency-cruiser gave a report, not a result')
  const { summary }: ICruiseResult = output
  expect(summary.totalCruised).toBeGreaterThan(1)
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)
}

test.each([
  ['operations-know-no-graphql', 'server/jobs/list-jobs.ts', 'server/graphql/builder.ts'],
  ['operations-know-no-graphql', 'server/builds/list-builds.ts', 'server/builds/build.graphql.ts'],
  ['operations-know-no-graphql', 'server/artifacts/find.ts', 'server/http.ts'],
  ['operations-know-no-graphql', 'server/runner/enqueue.ts', 'server/graphql/builder.ts'],
  ['operations-know-no-graphql', 'server/analyses/load-analyses.ts', 'server/analyses/analysis.graphql.ts'],
  ['operations-know-no-graphql', 'server/feeds/feed.ts', 'server/graphql/builder.ts'],
  ['operations-know-no-graphql', 'server/pages/find-page.ts', 'server/http.ts'],
  ['operations-know-no-graphql', 'server/cli/diff.ts', 'server/http.ts'],
  ['operations-know-no-graphql', 'server/a-new-feature/do-it.ts', 'server/http.ts'],
  ['graphql-knows-no-http', 'server/jobs/job.graphql.ts', 'server/jobs/job.http.ts'],
  ['http-knows-no-graphql', 'server/uploads/upload.http.ts', 'server/uploads/upload.graphql.ts'],
  ['comparisons-know-no-page', 'web/diffs/PickerList.tsx', 'web/builds/BuildPage.tsx'],
  ['leaves-are-leaves', 'server/formats/der.ts', 'server/config.ts'],
  ['leaves-are-leaves', 'server/blobs/disk.ts', 'server/jobs/readme.ts'],
  ['formats-and-blobs-are-apart', 'server/formats/opam/parse.ts', 'server/blobs/blob-store.ts'],
  ['nothing-knows-the-drop-in', 'server/diffs/diff-builds.ts', 'server/dropin/compare-json.ts'],
  ['errors-need-nothing', 'server/errors.ts', 'server/log.ts'],
  ['only-the-root-assembles', 'server/jobs/readme.ts', 'server/app.ts'],
  ['only-the-root-assembles', 'server/graphql/yoga.ts', 'server/schema.ts'],
  ['only-the-root-assembles', 'server/workers/worker-pool.ts', 'server/tasks.ts'],
  ['only-the-outside-opens-the-database', 'server/jobs/readme.ts', 'server/database/sqlite/open-sqlite.ts'],
  ['tasks-have-no-outside', 'server/tasks.ts', 'server/generated/prisma/client.ts'],
  ['tasks-have-no-outside', 'server/worker-main.ts', 'server/blobs/blob-store.ts'],
  ['web-knows-no-server', 'web/jobs/JobPage.ts', 'server/paths.ts'],
  ['server-stands-alone', 'server/paths.ts', 'web/paths.ts'],
  ['server-stands-alone', 'server/paths.ts', 'test/app.ts'],
  ['terminal-stands-alone', 'terminal/screen.ts', 'server/errors.ts'],
  ['pictures-know-no-comparison', 'web/binary-size/size-words.ts', 'web/diffs/parts.ts'],
  ['ui-knows-no-api', 'web/ui/Button.ts', 'web/apollo.ts'],
])('%s is noticed: %s must not import %s', async (rule, from, to) => {
  const dir = temporaryDir()
  for (const [file, code] of [
    [to, 'export const it = 1\n'],
    [from, `export { it } from '${'../'.repeat(from.split('/').length - 1)}${to}'\n`],
  ] as const) {
    mkdirSync(join(dir, dirname(file)), { recursive: true })
    writeFileSync(join(dir, file), code)
  }
  writeFileSync(join(dir, 'tsconfig.json'), '{}')
  const folders = [...new Set([from, to].map((file) => file.split('/')[0] ?? ''))]
  expect(await violationsIn(dir, folders)).toContain(`${rule}: ${from} → ${to}`)
})

test('a circle is noticed, but types may refer to each other', async () => {
  const dir = temporaryDir()
  mkdirSync(join(dir, 'server'))
  const write = (name: string, code: string) => writeFileSync(join(dir, 'server', name), code)
  writeFileSync(join(dir, 'tsconfig.json'), '{}')
  write('a.ts', `import { b } from './b.ts'\nexport const a = () => b\n`)
  write('b.ts', `import { a } from './a.ts'\nexport const b = () => a\n`)
  expect((await violationsIn(dir, ['server']))[0]).toMatch(/^no-cycles: /)
  write('b.ts', `import type { a } from './a.ts'\nexport const b = null as typeof a | null\n`)
  expect(await violationsIn(dir, ['server'])).toEqual([])
})
