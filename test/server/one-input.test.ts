import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seedBuilds } from '../../bench/seed.ts'
import { migrateDatabase } from '../../server/database/sqlite/migrate-sqlite.ts'
import { openDatabase } from '../../server/database/sqlite/open-sqlite.ts'
import { projectDir, testApp } from '../app.ts'

type Seeded = Awaited<ReturnType<typeof seededApp>>

async function seededApp(jobs: number, builds: number, buildsPerOutput: number, buildsPerInput: number) {
  const dir = mkdtempSync(join(tmpdir(), 'builder-hub-one-input-'))
  const databaseFile = join(dir, 'seeded.sqlite3')
  seedBuilds({ path: dir, databaseFile, remove() {} }, jobs, builds, buildsPerOutput, buildsPerInput)
  migrateDatabase(databaseFile, join(projectDir, 'prisma/migrations'))
  let statements: string[] = []
  const database = await openDatabase(databaseFile, (statement) => statements.push(statement))
  const app = await testApp({ database, keep: true })
  return {
    async ask(query: string) {
      statements = []
      const answer = await app.graphql(query)
      expect(answer.errors).toBeUndefined()

      return { data: answer.data, statements: statements.length }
    },
    async close() {
      await app.close()
      await database.closeDatabase()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** One job with 1,500 builds of one input: of as many outputs as succeeded, and of one output. */
let outputs: Seeded
let oneOutput: Seeded
/** As many builds of many jobs, inputs and outputs. */
let manyJobs: Seeded

beforeAll(async () => {
  outputs = await seededApp(1, 1_500, 1, 1_500)
  oneOutput = await seededApp(1, 1_500, 1_500, 1_500)
  manyJobs = await seededApp(100, 15, 4, 4)
})
afterAll(() => Promise.all([outputs, oneOutput, manyJobs].map(({ close }) => close())))

const ofBuilds = (selection: string, size = 100) => `{ builds(first: ${size}) { nodes { ${selection} } } }`
const reproducibility = (selection: string, size?: number) =>
  ofBuilds(`reproducibility { ${selection} }`, size)

test.each([
  ['uploaders', reproducibility('uploaders'), 3],
  ['platforms', reproducibility('platforms { name } platformCount'), 3],
  ['other outputs', reproducibility('otherOutputCount otherOutputs { uuid }'), 4],
  ['reproductions', reproducibility('reproductions(first: 1) { totalCount nodes { uuid } }'), 5],
  [
    'reproductions from the same input',
    reproducibility('reproductions(first: 1, input: SAME) { totalCount nodes { uuid } }'),
    5,
  ],
  [
    'reproductions from other inputs',
    reproducibility('reproductions(last: 1, input: OTHER) { totalCount nodes { uuid } }'),
    6,
  ],
  [
    'filtered reproductions',
    reproducibility(
      'reproductions(first: 1, status: SUCCEEDED, platform: "debian-12") { totalCount nodes { uuid } }',
    ),
    // The builds of twenty outputs in each of ten, and the outputs of as many in each of a few.
    14,
  ],
  ['conditions', reproducibility('otherOutputsDifferIn'), 5],
  [
    'all of it',
    reproducibility('uploaders otherOutputCount reproductions(first: 1, input: SAME) { totalCount }', 90),
    6,
  ],
  ['relatives', ofBuilds('nextDifferentOutput { uuid } previousSuccess { uuid }'), 4],
  ['outputs', '{ jobs(first: 50) { nodes { outputs(first: 50) { totalCount nodes { verdict } } } } }', 6],
  ['jobs of platforms', '{ platforms { nodes { jobs(first: 50) { totalCount nodes { name } } } } }', 5],
])('%s: a whole page costs a few statements', async (_name, query, most) => {
  for (const { ask } of [outputs, oneOutput, manyJobs])
    expect((await ask(query)).statements).toBeLessThanOrEqual(most)
})

test('the other outputs of one input are the newest without that of the build itself', async () => {
  const { data } = await outputs.ask(
    reproducibility(
      'otherOutputCount otherOutputs { uuid mainBinary { sha256 } } reproductions { totalCount }',
    ),
  )
  const { data: all } = await outputs.ask('{ builds(first: 100) { nodes { uuid mainBinary { sha256 } } } }')
  const withOutput = (all.builds.nodes as { uuid: string; mainBinary: object | null }[]).filter(
    ({ mainBinary }) => mainBinary,
  )
  for (const [index, build] of (all.builds.nodes as typeof withOutput).entries()) {
    const { otherOutputCount, otherOutputs, reproductions } = data.builds.nodes[index].reproducibility
    if (!build.mainBinary) continue
    expect(otherOutputCount).toBe(1_349)
    expect(reproductions.totalCount).toBe(0)
    expect(otherOutputs).toEqual(withOutput.filter(({ uuid }) => uuid !== build.uuid).slice(0, 20))
  }
})

test('pages of reproductions leave out the build itself, in both directions', async () => {
  const list = (args: string) => `reproductions(${args}) { totalCount nodes { uuid } }`
  const { data } = await oneOutput.ask(
    ofBuilds(
      `uuid reproducibility { verdict first: ${list('first: 3')} last: ${list('last: 3, input: SAME')} }`,
      60,
    ),
  )
  const { data: all } = await oneOutput.ask(
    '{ builds(filter: { verdict: REPRODUCED }, first: 4) { nodes { uuid } } }',
  )
  const newest = (all.builds.nodes as { uuid: string }[]).map(({ uuid }) => uuid)
  for (const { uuid, reproducibility: found } of data.builds.nodes) {
    if (found.verdict === 'NO_OUTPUT') continue
    expect(found.first.totalCount).toBe(1_349)
    expect(found.last.totalCount).toBe(1_349)
    expect(found.first.nodes).toEqual(
      newest
        .filter((one) => one !== uuid)
        .slice(0, 3)
        .map((one) => ({ uuid: one })),
    )
    expect(found.last.nodes).toHaveLength(3)
  }
})

test('the largest lists are built in turns, so that other requests run between them', async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 0)
  await manyJobs.ask(
    '{ jobs(first: 100) { nodes { builds(first: 15) { nodes { uuid startedAt finishedAt status } } } } }',
  )
  clearInterval(timer)
  expect(turns).toBeGreaterThan(3)
})
