import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { diskBlobStore } from '../../../server/blobs/disk-blob-store.ts'
import { readConfig } from '../../../server/config.ts'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { testApp, type TestApp } from '../../app.ts'
import { hub } from '../../hub.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'

let app: TestApp
let config: ReturnType<typeof readConfig>

const hourMs = 3_600_000
const consoleOf = (packages: string) =>
  packages
    .split(', ')
    .map((one, line) => ({ deltaNs: BigInt(line) * 1_000_000n, text: Buffer.from(`  ∗ install ${one}\n`) }))

const switchOf = (packages: string) =>
  `opam-version: "2.0"\ninstalled: [${packages
    .split(', ')
    .map((one) => `"${one.replace(' ', '.')}"`)
    .join(' ')}]\n`

/** `+` succeeded with a switch, `-` failed without one. Hours before now; jobs are a hundred numbers apart. */
const histories: [job: string, builds: [mark: '+' | '-', hoursAgo: number, packages: string][]][] = [
  [
    'dns',
    [
      ['+', 50, 'dns 1.0, lwt 5.9, solo5 1.0'],
      ['-', 30, 'dns 2.0, lwt 6.0, solo5 1.1'],
      ['-', 20, 'dns 2.0, lwt 5.9, solo5 1.1'],
      ['+', 10, 'dns 2.0, lwt 6.0, solo5 1.2'],
    ],
  ],
  [
    'web',
    [
      ['+', 60, 'web 1.0, lwt 5.9, solo5 1.0'],
      ['-', 29, 'web 1.0, lwt 5.9, solo5 1.1'],
    ],
  ],
  [
    'alone',
    [
      // Another reason: it says nothing about the failure below.
      ['-', 70, 'alone 1.0'],
      ['+', 60, 'alone 1.0'],
      ['-', 5, 'alone 2.0'],
    ],
  ],
]

const numbered = (job: number, build: number) => uuidOf(job * 100 + build)

beforeAll(async () => {
  config = readConfig({ BUILDER_HUB_DATA_DIR: mkdtempSync(join(tmpdir(), 'builder-hub-test-')) })
  const blobs = diskBlobStore({ dir: config.blobDir, stagingDir: config.stagingDir })
  app = await testApp({ keep: true, blobs })
  const now = Date.now()
  const records = histories.flatMap(([job, builds], index) =>
    builds.map(([mark, hoursAgo, packages], number): ExecRecord =>
      sampleRecord({
        ...{ uuid: numbered(index, number), job, console: consoleOf(packages) },
        startedAt: new Date(now - hoursAgo * hourMs),
        result: { kind: 'exited', code: mark === '+' ? 0n : 1n },
        artifacts:
          mark === '+' ? [file('bin/a', `${job} ${number}`), file('opam-switch', switchOf(packages))] : [],
      }),
    ),
  )
  await receiveAll(app, records)
})
afterAll(async () => {
  await app.close()
  rmSync(config.dataDir, { recursive: true })
})

const fields = `effect text isFromConsole unknown before { uuid } after { uuid }
  builds { side build { uuid } } changes { text standing reason clearedBy { uuid } } suspect { name }
  together { jobCount incidents { job } changes { text jobCount } }`

async function bisect(left: string, right: string) {
  app.takeQueries()
  const { data, errors } = await app.graphql(
    `{ bisection(left: "${left}", right: "${right}") { ${fields} } }`,
  )
  expect(errors).toBeUndefined()
  return { found: data.bisection, statements: app.takeQueries().length }
}

test('what broke a job is told by its builds and by other jobs', async () => {
  const { found, statements } = await bisect(numbered(0, 0), numbered(0, 1))
  expect(found).toEqual({
    effect: 'BROKE',
    text: 'Most likely solo5 1.0 → 1.1 broke it: the only change that no other build clears; 1 other job broke with it within hours.',
    ...{ isFromConsole: true, unknown: ['SYSTEM_PACKAGE', 'ENVIRONMENT'] },
    ...{ before: { uuid: numbered(0, 0) }, after: { uuid: numbered(0, 1) } },
    builds: ['BEFORE', 'AFTER', 'AFTER', 'BEFORE'].map((side, number) => ({
      ...{ side, build: { uuid: numbered(0, number) } },
    })),
    changes: [
      {
        ...{ text: 'solo5 1.0 → 1.1', standing: 'SUSPECT', clearedBy: null },
        reason: 'the only change that no other build clears; 1 other job broke with it within hours',
      },
      {
        ...{ text: 'dns 1.0 → 2.0', standing: 'CLEARED', clearedBy: { uuid: numbered(0, 3) } },
        reason: 'a build without the effect has it, too',
      },
      {
        ...{ text: 'lwt 5.9 → 6.0', standing: 'CLEARED', clearedBy: { uuid: numbered(0, 2) } },
        reason: 'a build with the effect does not have it',
      },
    ],
    suspect: { name: 'solo5' },
    together: {
      ...{ jobCount: 2, incidents: [{ job: 'dns' }, { job: 'web' }] },
      changes: [{ text: 'solo5 1.0 → 1.1', jobCount: 2 }],
    },
  })
  expect(statements).toBe(8)
})

test('builds that are further apart are narrowed down to where it happened', async () => {
  const { found } = await bisect(numbered(0, 0), numbered(0, 2))
  expect(found).toMatchObject({ before: { uuid: numbered(0, 0) }, after: { uuid: numbered(0, 1) } })
})

test('a failure of another time, with a success between, clears nothing', async () => {
  const { found } = await bisect(numbered(2, 1), numbered(2, 2))
  expect(found).toMatchObject({ suspect: { name: 'alone' }, together: null })
  expect(found.builds.map(({ side }: { side: string }) => side)).toEqual(['OTHER', 'BEFORE', 'AFTER'])
})

test('a fix and another output have causes, too', async () => {
  const fixed = await bisect(numbered(0, 3), numbered(0, 2))
  expect(fixed.found).toMatchObject({ effect: 'FIXED', together: null, suspect: { name: 'solo5' } })
  const changed = await bisect(numbered(0, 0), numbered(0, 3))
  expect(changed.found).toMatchObject({ effect: 'OUTPUT_CHANGED', isFromConsole: false })
})

test('builds with the same result have no cause', async () => {
  const { found } = await bisect(numbered(0, 1), numbered(0, 2))
  expect(found).toMatchObject({
    effect: 'NOTHING',
    text: 'Nothing needs an explanation: both builds have the same result.',
    suspect: null,
  })
})

test('builds of two jobs, and one that does not exist, give null', async () => {
  expect((await bisect(numbered(0, 0), numbered(1, 0))).found).toBeNull()
  expect((await bisect(numbered(0, 0), numbered(9, 9))).found).toBeNull()
})

test('jobs that broke within two hours are told together, with what they share', async () => {
  app.takeQueries()
  const { data, errors } = await app.graphql(
    `{ brokenTogether { jobCount incidents { job platform } changes { kind name left right jobCount } } }`,
  )
  expect(errors).toBeUndefined()
  expect(app.takeQueries()).toHaveLength(3)
  expect(data.brokenTogether).toEqual([
    {
      jobCount: 2,
      incidents: ['dns', 'web'].map((job) => ({ job, platform: 'debian-12' })),
      changes: [{ kind: 'PACKAGE', name: 'solo5', left: '1.0', right: '1.1', jobCount: 2 }],
    },
  ])
})

test('the command prints the same, and what broke together', async () => {
  new Database(join(app.deps.config.stagingDir, 'test.sqlite3'))
    .exec(`VACUUM INTO '${config.databaseFile}'`)
    .close()
  const run = (...args: string[]) => hub(['bisect', '--data-dir', config.dataDir, ...args])
  const [good, bad] = [numbered(0, 0), numbered(0, 1)]
  const { status, stdout } = await run(good, bad)
  expect(status).toBe(0)
  expect(stdout.split('\n').slice(0, 6)).toEqual([
    'dns on debian-12: Most likely solo5 1.0 → 1.1 broke it: the only change that no other build clears; 1 other job broke with it within hours.',
    `  before ${good}`,
    `  after  ${bad}`,
    '  suspect  solo5 1.0 → 1.1: the only change that no other build clears; 1 other job broke with it within hours',
    `  cleared  dns 1.0 → 2.0: a build without the effect has it, too (${numbered(0, 3)})`,
    `  cleared  lwt 5.9 → 6.0: a build with the effect does not have it (${numbered(0, 2)})`,
  ])
  const together = (await run()).stdout
  expect(together).toContain('2 jobs broke together, the first at ')
  expect(together).toContain('  they share:\n    solo5 1.0 → 1.1 (2 jobs)\n')
  expect(JSON.parse((await run('--json', good, bad)).stdout)).toMatchObject({ effect: 'BROKE' })
  expect(await run(good)).toMatchObject({ status: 1, stderr: 'name two builds, or none\n' })
  expect((await run(good, numbered(1, 0))).stderr).toContain('are not two builds of one job')
})
