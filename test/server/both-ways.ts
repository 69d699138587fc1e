// What holds of each migration on both engines: it can be undone, and applied again.
import { expect } from 'vitest'
import type { Migration } from '../../server/database/migrations.ts'
import type { Database } from '../../server/database/connections.ts'
import type { Transaction } from '../../server/database/writer.ts'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'
import { alice, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { receiveAll, uuidOf } from './graphql-site.ts'

type Row = Record<string, unknown>
export type Content = Record<string, Row[]>

/** A database that a test moves between versions. */
export type MovedDatabase = {
  /** Undo, or apply, migrations until this one is the last; `none`: none is left. */
  moveTo: (name: string) => Promise<void>
  /** Tables, columns, keys and indexes. */
  schema: () => Promise<unknown>
  /** The rows of every table but that of migrations. */
  content: () => Promise<Content>
}

/** Analyses whose results are rows that migration 0040 drops. */
const filledAgain = ['COMPONENTS', 'MODULES', 'BACKFILL_COMPONENTS', 'BACKFILL_MODULES']
const tasksOf = ['SOLO5', 'DEPENDENCIES', 'BINARY_SIZE', 'FAILURE']

/**
 * What comes back otherwise after a migration was undone and applied again, though the older schema has the table: each as
 * its `Loses:` says. Returns what must be equal all the same.
 */
const losses: Record<string, (content: Content) => Content> = {
  '0011_debug_files': ({ Analysis = [], AnalysisSweep: _, ...rest }) => ({
    ...rest,
    Analysis: without(['id'], Analysis).filter(({ debugSha256 }) => debugSha256 === ''),
  }),
  '0012_clock_ahead': ({ Job = [], ...rest }) => ({ ...rest, Job: without(['pendingSwitchSha256'], Job) }),
  '0013_failure_with_index': ({ Analysis = [], ...rest }) => ({
    ...rest,
    Analysis: without(['id'], Analysis),
  }),
  '0015_rebuild_facts': ({ FactRebuild: _, ...rest }) => rest,
  '0017_tasks_of_analyses': ({ QueuedTask = [], ...rest }) => ({
    ...rest,
    Tasks: without(
      ['id', 'priority', 'claims', 'isWantedAgain', 'leaseOwner', 'leaseUntil', 'payload', 'createdAt'],
      QueuedTask.filter(({ kind }) => tasksOf.includes(String(kind))),
    ),
    Others: QueuedTask.filter(({ kind }) => kind === 'COLLECT_BLOBS'),
    Sweeps: QueuedTask.filter(
      ({ kind, state, progress }) =>
        /^BACKFILL_/.test(String(kind)) && (state === 'DONE' || progress !== null),
    ).map(({ kind, state, progress, version }) => ({ kind, state, progress, version })),
  }),
  // A body that all attempts of a delivery have sent is kept once.
  '0036_webhook_bodies': (content) => content,
  // Their tables are filled from builds again.
  '0040_package_sets_and_advisories': (content) =>
    Object.fromEntries(
      Object.entries(content)
        .filter(
          ([table]) => !/^(?:last id of )?(?:Package(?:Set|Version)|SourceOrigin|Advisory|Vex)/.test(table),
        )
        .map(([table, rows]) => [table, rows.filter(({ kind }) => !filledAgain.includes(String(kind)))]),
    ),
  '0042_search': ({ JobFile: _files, FailureExcerpt: _excerpts, FactRebuild: _marks, ...rest }) =>
    Object.fromEntries(
      Object.entries(rest).filter(
        ([name]) => !/^(?:last id of )?(?:JobFile|FailureExcerpt)(?:_id_seq)?$/.test(name),
      ),
    ),
}

const without = (names: readonly string[], rows: readonly Row[]): Row[] =>
  rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name))))

/** Only the tables and columns that `other` has, too. */
function common(content: Content, other: Content): Content {
  return Object.fromEntries(
    Object.entries(content).flatMap(([table, rows]) => {
      const columns = Object.keys(other[table]?.[0] ?? {})
      if (!(table in other)) return []
      const isKept = (name: string) => columns.includes(name)
      return [
        [table, rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => isKept(name))))],
      ]
    }),
  )
}

/** Bytes as digits, and rows in an order of their own. */
export const normal = (content: Content): Content =>
  Object.fromEntries(
    Object.entries(content).map(([table, rows]) => [
      table,
      rows
        .map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([name, value]) => [
              name,
              value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
            ]),
          ),
        )
        .sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)),
    ]),
  )

/**
 * Undoes each migration from the newest, applies it again, and undoes it: each time the schema is that of a new database of
 * that version, and all rows that the older schema can hold are there again.
 */
export async function checkBothWays(
  filled: MovedDatabase,
  empty: MovedDatabase,
  migrations: readonly Migration[],
): Promise<void> {
  const names = ['none', ...migrations.map(({ name }) => name)]
  const schemas = new Map<string, unknown>()
  for (const name of names) {
    await empty.moveTo(name)
    schemas.set(name, await empty.schema())
  }
  for (const [index, { name, loses }] of [...migrations.entries()].reverse()) {
    const older = String(names[index])
    const before = normal(await filled.content())
    await filled.moveTo(older)
    expect(await filled.schema(), `the schema after ${name} was undone`).toEqual(schemas.get(older))
    const between = normal(await filled.content())
    if (!(name in losses))
      expect(normal(common(between, before)), `the rows after ${name} was undone`).toEqual(
        normal(common(before, between)),
      )
    await filled.moveTo(name)
    expect(await filled.schema(), `the schema after ${name} was applied again`).toEqual(schemas.get(name))
    const after = normal(await filled.content())
    // What is lost must be said. Else everything is as it was, also what the migration has made anew.
    const kept = (content: Content) =>
      normal(losses[name]?.(content) ?? (loses === null ? content : common(content, between)))
    expect(kept(after), `the rows after ${name} was undone and applied again`).toEqual(kept(before))
    await filled.moveTo(older)
  }
  expect(await filled.content()).toEqual({})
  await filled.moveTo(String(names.at(-1)))
  expect(await filled.schema()).toEqual(schemas.get(String(names.at(-1))))
}

/** Builds with each verdict, some of them from a clock that was ahead; users; and tasks in each state. */
export async function fillWithAllKinds(app: TestApp): Promise<void> {
  const { db, writer } = app.deps
  const records = Array.from({ length: 24 }, (_, n) =>
    sampleRecord({
      ...{ uuid: uuidOf(n), job: n % 2 === 0 ? 'hello' : 'other' },
      platform: n % 3 === 0 ? 'debian-12' : 'freebsd-14',
      startedAt: new Date((n % 11 === 5 ? Date.now() + 7_200_000 : Date.UTC(2026, 9, 1)) + n * 3_600_000),
      result: { kind: 'exited', code: n % 5 === 4 ? 1n : 0n },
      console: [{ deltaNs: BigInt(n + 1), text: Buffer.from(`line ${n % 6}`) }],
      artifacts: [
        ...(n % 7 === 6
          ? []
          : [
              file('bin/hello', `binary ${n === 23 ? 'of its own' : n % 8}`),
              file('hello.debug', `debug ${n % 3}`),
            ]),
        ...(n % 4 === 3
          ? []
          : [file('opam-switch', `switch ${n % 2}`), file('build-environment', `${n % 3}`)]),
        file('system-packages', 'packages'),
        file('README.md', `# Number ${n}`),
      ],
    }),
  )
  await receiveAll(app, records)
  await writer.transact([], addDeliveries)
  await addUser(writer, byServer(), { name: 'bob', password: 'secret', unrestricted: false })
  const build = await db.build.findFirstOrThrow({ orderBy: { id: 'asc' } })
  await writer.transact(['facts', 'tasks'], async (tx) => {
    const bob = await tx.user.findUniqueOrThrow({ where: { name: 'bob' } })
    await tx.access.create({ data: { userId: bob.id, jobName: 'hello' } })
    await tx.build.update({ where: { id: build.id }, data: { verdictAt: new Date(), consoleDerBytes: 12n } })
    const tasks = await tx.queuedTask.findMany({ where: { kind: { in: tasksOf } }, orderBy: { id: 'asc' } })
    const at = new Date('2026-11-02T10:00:00Z')
    for (const [index, { id }] of tasks.entries()) {
      const state = ['DONE', 'PENDING', 'FAILED', 'DEAD', 'RUNNING'][index % 5] ?? ''
      const result = { resultSha256: build.consoleSha256, resultSizeBytes: 5n, summary: '{"a":1}' }
      const attempts = index % 4
      await tx.queuedTask.update({
        where: { id },
        data: {
          ...{
            state,
            attempts,
            claims: attempts,
            version: state === 'PENDING' ? 0 : 2,
            startedAt: at,
            finishedAt: at,
          },
          ...(state === 'DONE' ? result : {}),
          ...(state === 'FAILED' ? { error: 'malformed' } : {}),
          ...(state === 'DEAD' ? { error: `too long; it was tried ${attempts} times` } : {}),
        },
      })
    }
    const common = { priority: 20, dueAt: at, createdAt: at }
    const rows = [
      { kind: 'BACKFILL_SOLO5', state: 'DONE', version: 2 },
      { kind: 'BACKFILL_DEPENDENCIES', state: 'PENDING', progress: '{"version":2,"beforeId":7}' },
      { kind: 'BACKFILL_FAILURE', state: 'PENDING' },
      { kind: 'COLLECT_BLOBS', state: 'PENDING', payload: '{}' },
    ]
    for (const row of rows) await tx.queuedTask.create({ data: { ...common, key: '', ...row } })
  })
}

/** A webhook with an attempt that failed before its request, two that sent the same, and one that sent something else. */
async function addDeliveries(tx: Transaction): Promise<void> {
  const at = new Date('2026-11-02T10:00:00Z')
  const event = await tx.event.create({
    data: { uuid: uuidOf(99), type: 'storage.low', dedupeKey: 'storage.low', at, data: '{}' },
  })
  const endpoint = await tx.webhookEndpoint.create({
    data: {
      ...{ url: 'https://receiver.example/', description: '', format: 'STANDARD', filter: '{}' },
      ...{ secret: new Uint8Array(3), state: 'ENABLED', lastEventId: event.id, createdAt: at },
    },
  })
  const ids = { endpointId: endpoint.id, eventId: event.id }
  const delivery = await tx.webhookDelivery.create({
    data: { ...ids, state: 'PENDING', dueAt: at, createdAt: at, requestBody: '{}' },
  })
  for (const requestBody of ['', null, null, '{"text":""}'])
    await tx.webhookAttempt.create({
      data: {
        ...{ deliveryId: delivery.id, at, url: endpoint.url, requestHeaders: '{}' },
        ...{ requestBody, durationMs: 1 },
      },
    })
}

/** A test that finds a table empty proves nothing of it. */
export async function expectAllKinds({ db }: Pick<Database, 'db'>): Promise<void> {
  const counts = {
    ...{ jobs: await db.job.count(), platforms: await db.platform.count(), outputs: await db.output.count() },
    ...{ jobPlatforms: await db.jobPlatform.count(), jobOutputs: await db.jobOutput.count() },
    ...{ periods: await db.jobPeriod.count(), users: await db.user.count(), access: await db.access.count() },
    ahead: await db.build.count({ where: { recordStartedAt: { not: null } } }),
    ...{ withDebug: await db.build.count({ where: { debugBinarySha256: { not: null } } }) },
    ...{ artifacts: await db.artifact.count(), attempts: await db.webhookAttempt.count() },
    ...{ changes: await db.changeCount.count() },
  }
  expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([])
  const verdicts = await db.build.groupBy({ by: ['verdict'] })
  expect(verdicts.map(({ verdict }) => verdict).sort()).toEqual(
    ['NOT_REPRODUCIBLE', 'NO_OUTPUT', 'REPRODUCED', 'UNCONFIRMED'].sort(),
  )
  expect(await db.user.count({ where: { name: alice.name } })).toBe(1)
}
