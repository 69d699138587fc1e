import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { memoryBlobStore } from '../../server/blobs/memory-blob-store.ts'
import { diskBlobStore } from '../../server/blobs/disk-blob-store.ts'
import { migrateDatabase } from '../../server/database/sqlite/migrate-sqlite.ts'
import type { Deps } from '../../server/deps.ts'
import { describeJobKind } from '../../server/facts/describe-job-task.ts'
import { describeJobHandler } from '../../server/jobs/describe-job-handler.ts'
import { createTaskRunner } from '../../server/runner/task-runner.ts'
import { startServer } from '../../server/start-server.ts'
import { createWorkerPool, WorkersBusyError, type WorkerPool } from '../../server/workers/worker-pool.ts'
import { projectDir, temporaryDir, testApp, type TestApp } from '../app.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'
import { configOf } from '../durability/data-dir.ts'
import { file, sampleRecord } from '../record.ts'

/** Starting at noon of a day in November. */
const day = (number: number) => new Date(Date.UTC(2026, 10, number, 12))

/** The `opam-switch` of a unikernel. */
const unikernel = (synopsis: string) =>
  `roots: "mirage-unikernel-a.1" package "mirage-unikernel-a" { synopsis: "${synopsis}" description: "Long." }`

function record(job: string, number: number, opamSwitch: string | Uint8Array) {
  return sampleRecord({ job, startedAt: day(number), artifacts: [file('opam-switch', opamSwitch)] })
}

/**
 * Describes an app's jobs until the test ends; `warnings` has what the log got, at level warn or above. Tries again at
 * once, and at most `attempts` times.
 */
async function describing(app: TestApp, overrides: Partial<Deps> & { attempts?: number } = {}) {
  const warnings: Record<string, unknown>[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(JSON.parse(line)) })
  const { attempts: maxAttempts = 5, ...parts } = overrides
  const deps = { ...app.deps, log, ...parts }
  const handler = { ...describeJobHandler(deps), retryPauseMs: 0, maxAttempts }
  const describer = createTaskRunner(deps, [handler], { drainMs: 0 })
  await describer.start()
  onTestFinished(() => describer.close())
  return { describer, warnings }
}

async function descriptionOf(app: TestApp, name: string) {
  const answer = await app.graphql(
    'query ($name: String!) { job(name: $name) { section synopsis description } }',
    { name },
  )
  return answer.data.job as { section: string; synopsis: string | null; description: string | null }
}

const isPending = async ({ deps }: TestApp, name: string) =>
  (await deps.db.job.findUniqueOrThrow({ where: { name } })).pendingSwitchSha256 !== null

const unknown = { section: null, synopsis: null, description: null }

test('an upload describes its job, and answers given before are given no more', async () => {
  const app = await testApp()
  const { describer, warnings } = await describing(app)
  const described = vi.fn()
  app.deps.changes.on(['facts'], described)
  await app.upload(sampleRecord({ job: 'a', startedAt: day(1), artifacts: [] }))
  expect(await descriptionOf(app, 'a')).toEqual(unknown)
  await app.upload(record('a', 2, unikernel('First')))
  await describer.settled()
  expect(await descriptionOf(app, 'a')).toEqual({
    section: 'Unikernels',
    synopsis: 'First',
    description: 'Long.',
  })
  await app.upload(record('a', 3, unikernel('Second')))
  await describer.settled()
  expect(await descriptionOf(app, 'a')).toMatchObject({ synopsis: 'Second' })
  expect(described).toHaveBeenCalledTimes(2)
  expect(warnings).toEqual([])
})

test('an answer that was computed before a job was described is not given after it', async () => {
  const app = await testApp()
  await app.upload(record('a', 1, unikernel('First')))
  expect(await descriptionOf(app, 'a')).toEqual(unknown)
  // Asked again it would come from the cache.
  const { describer } = await describing(app)
  await describer.settled()
  expect(await descriptionOf(app, 'a')).toMatchObject({ section: 'Unikernels' })
})

test('a switch with the same description is no change', async () => {
  const app = await testApp()
  await app.upload(record('a', 1, unikernel('First')))
  const { describer } = await describing(app)
  await describer.settled()
  const described = vi.fn()
  app.deps.changes.on(['facts'], described)
  await app.upload(record('a', 2, unikernel('First')))
  await describer.settled()
  expect(await isPending(app, 'a')).toBe(false)
  expect(described).not.toHaveBeenCalled()
})

test('the switch of the newest build wins, whichever arrives first', async () => {
  const app = await testApp()
  const { describer } = await describing(app)
  await app.upload(record('a', 2, unikernel('Newer')))
  await describer.settled()
  await app.upload(record('a', 1, unikernel('Older')))
  await app.upload(sampleRecord({ job: 'a', startedAt: day(3), artifacts: [] }))
  await describer.settled()
  expect(await descriptionOf(app, 'a')).toMatchObject({ synopsis: 'Newer' })
})

test('of builds that arrive at once the newest wins', async () => {
  const app = await testApp()
  const { describer } = await describing(app)
  const days = [7, 3, 9, 1, 5, 8, 2, 6, 4]
  const answers = await Promise.all(days.map((it) => app.upload(record('a', it, unikernel(`Of day ${it}`)))))
  expect(answers.map(({ status }) => status)).toEqual(days.map(() => 201))
  await describer.settled()
  expect(await descriptionOf(app, 'a')).toMatchObject({ synopsis: 'Of day 9' })
  expect(await isPending(app, 'a')).toBe(false)
})

test('a build that arrives while an older switch is read is not forgotten', async () => {
  const app = await testApp()
  const read = vi.fn()
  const workers: WorkerPool = {
    ...app.deps.workers,
    async run(...args) {
      const result = await app.deps.workers.run(...args)
      read()
      // The older one is read, but not yet written down.
      if (read.mock.calls.length === 1) await app.upload(record('a', 2, unikernel('Newer')))
      return result
    },
  }
  await app.upload(record('a', 1, unikernel('Older')))
  const { describer } = await describing(app, { workers })
  await describer.settled()
  expect(await descriptionOf(app, 'a')).toMatchObject({ synopsis: 'Newer' })
  expect(read).toHaveBeenCalledTimes(2)
})

test.each([
  ['no opam file', '<html>', /^malformed opam file at line 1, column 0: /],
  ['bytes that are no text', Buffer.of(0xff, 0xfe, 0, 1), /^malformed opam file/],
  ['two roots', 'roots: ["a.1" "b.1"]', /^it has not exactly one root package$/],
  ['nothing', '', /^it has not exactly one root package$/],
  ['deep nesting', `roots: ${'['.repeat(100_000)}`, /at most 500 levels/],
  ['many values', `roots: [${'1 '.repeat(300_000)}]`, /at most 250000/],
  ['a file beyond what is read', Buffer.alloc(16 * 1024 ** 2 + 1, 'a'), /^it has more than 16 MiB$/],
])('%s leaves the job uncategorized, for a reason that is logged once', async (_name, opamSwitch, reason) => {
  const app = await testApp()
  await app.upload(record('good', 1, unikernel('Good')))
  await app.upload(record('bad', 1, opamSwitch))
  const { describer, warnings } = await describing(app)
  await describer.settled()
  expect(await descriptionOf(app, 'bad')).toEqual(unknown)
  expect(warnings).toMatchObject([{ job: 'bad', reason: expect.stringMatching(reason) }])
  expect(await descriptionOf(app, 'good')).toMatchObject({ synopsis: 'Good' })

  const again = await describing(app)
  await again.describer.settled()
  expect(again.warnings).toEqual([])
})

test('a switch that cannot be read removes the description of an older one', async () => {
  const app = await testApp()
  const { describer } = await describing(app)
  await app.upload(record('a', 1, unikernel('Older')))
  await describer.settled()
  await app.upload(record('a', 2, '<html>'))
  await describer.settled()
  expect(await descriptionOf(app, 'a')).toEqual(unknown)
})

test('a disk that fails is no reason to give up', async () => {
  const app = await testApp()
  await app.upload(record('a', 1, unikernel('Read later')))
  const failing = { ...app.deps.blobs, open: () => Promise.reject(new Error('input/output error')) }
  const { describer, warnings } = await describing(app, { blobs: failing, attempts: 2 })
  await describer.settled()
  expect(warnings).toMatchObject([
    { kind: 'DESCRIBE_JOB', key: 'a', err: { message: 'input/output error' }, ending: 'RETRY' },
    { key: 'a', ending: 'DEAD' },
  ])
  expect(await isPending(app, 'a')).toBe(true)
  await describer.close()

  const after = await describing(app)
  await app.upload(record('b', 1, unikernel('Of another job')))
  await app.upload(record('a', 0, unikernel('Older')))
  await after.describer.settled()
  expect(await descriptionOf(app, 'a')).toMatchObject({ synopsis: 'Read later' })
})

test('a job waits while the workers have too much to do', async () => {
  const app = await testApp()
  await app.upload(record('a', 1, unikernel('Read later')))
  let isBusy = true
  const run: WorkerPool['run'] = (...args) => {
    if (!isBusy) return app.deps.workers.run(...args)
    isBusy = false
    return Promise.reject(new WorkersBusyError('busy'))
  }
  const { describer, warnings } = await describing(app, { workers: { ...app.deps.workers, run } })
  await describer.settled()
  expect(await descriptionOf(app, 'a')).toMatchObject({ synopsis: 'Read later' })
  expect(warnings).toEqual([])
})

test('the end of the server while a switch is read loses nothing', async () => {
  const app = await testApp({ blobs: memoryBlobStore() })
  const workers = createWorkerPool()
  let begun = () => {}
  const hasBegun = new Promise<void>((resolve) => (begun = resolve))
  const run: WorkerPool['run'] = (...args) => {
    begun()
    return workers.run(...args)
  }
  await app.upload(record('a', 1, unikernel('Read later')))
  const { describer, warnings } = await describing(app, { workers: { ...workers, run } })
  await hasBegun
  const closed = describer.close()
  await Promise.all([workers.close(), closed])
  expect(await isPending(app, 'a')).toBe(true)
  expect(warnings).toEqual([])

  const after = await describing(app)
  await after.describer.settled()
  expect(await descriptionOf(app, 'a')).toMatchObject({ synopsis: 'Read later' })
})

test('builds that an older version stored are described at start', async () => {
  const dataDir = temporaryDir()
  const config = configOf(dataDir)
  const oldMigrations = join(dataDir, 'migrations')
  cpSync(join(projectDir, 'prisma/migrations/0001_init'), join(oldMigrations, '0001_init'), {
    recursive: true,
  })
  migrateDatabase(config.databaseFile, oldMigrations)
  mkdirSync(config.stagingDir, { recursive: true })
  const blobs = diskBlobStore({ dir: config.blobDir, stagingDir: config.stagingDir })
  const store = async (text: string) => {
    const staged = await blobs.stage(
      (async function* () {
        yield Buffer.from(text)
      })(),
    )
    await blobs.commit([staged])
    return staged.id
  }
  const older = await store(unikernel('Older'))
  const newer = await store(unikernel('Newer'))
  const empty = '0'.repeat(64)
  const build = (id: number, job: number, number: number) =>
    `INSERT INTO "Build" VALUES (${id}, 'uuid-${id}', ${job}, 1, ${day(number).getTime()}, 0, ${day(number).getTime()}, 'SUCCEEDED', 'EXITED', 0, NULL, NULL,
      NULL, NULL, NULL, '${empty}', 0, '${empty}', 0, '${empty}', 0, NULL, 0, 0);`
  const artifact = (buildId: number, path: string, sha256: string) =>
    `INSERT INTO "Artifact" ("buildId", "path", "sha256", "sizeBytes", "startedAt") VALUES (${buildId}, '${path}', '${sha256}', 1, 0);`
  new Database(config.databaseFile)
    .exec(
      `INSERT INTO "Platform" VALUES (1, 'debian-12');
       INSERT INTO "Job" ("id", "name") VALUES (1, 'a'), (2, 'without');
       ${build(1, 1, 2)} ${build(2, 1, 1)} ${build(3, 1, 3)} ${build(4, 2, 1)}
       ${artifact(1, 'opam-switch', newer)} ${artifact(2, 'opam-switch', older)} ${artifact(3, 'other', empty)}`,
    )
    .close()

  const server = await startServer(config, projectDir)
  onTestFinished(() => server.stop())
  await server.deps.runner.settled([describeJobKind])
  const { db } = server.deps
  const select = { section: true, synopsis: true, pendingSwitchSha256: true }
  expect(await db.job.findMany({ select, orderBy: { name: 'asc' } })).toEqual([
    { section: 'Unikernels', synopsis: 'Newer', pendingSwitchSha256: null },
    { section: null, synopsis: null, pendingSwitchSha256: null },
  ])
})

test.skipIf(!hasCorpus)(
  'real switches describe their jobs as the specification says (needs the corpus)',
  async () => {
    const app = await testApp()
    const { describer, warnings } = await describing(app)
    const jobs = readdirSync(corpusPath('switches')).sort()
    expect(jobs).toHaveLength(27)
    for (const job of jobs) {
      const variants = readdirSync(corpusPath('switches', job)).sort()
      for (const [number, variant] of variants.entries()) {
        const opamSwitch = readFileSync(corpusPath('switches', job, variant, 'opam-switch'))
        expect((await app.upload(record(job, number + 1, opamSwitch))).status).toBe(201)
      }
    }
    await describer.settled()
    const bySection: Record<string, string[]> = {}
    for (const job of jobs) {
      const { section, synopsis } = await descriptionOf(app, job)
      expect(synopsis, job).toBeTruthy()
      bySection[section] = [...(bySection[section] ?? []), job]
    }
    // Those whose root has `x-mirage-opam-lock-location` are unikernels; three depend on mirage-monitoring.
    const withMetrics = ['dns-letsencrypt-secondary', 'dns-primary-git', 'dnsvizor']
    const without = ['mollymawk', 'qubes-firewall', 'unipi']
    expect(bySection).toEqual({
      'Unikernels (with metrics reported to Influx)': withMetrics,
      Unikernels: without,
      Packages: jobs.filter((job) => !withMetrics.includes(job) && !without.includes(job)),
    })
    expect(warnings).toEqual([])
  },
)
