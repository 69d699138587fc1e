import { expect, test } from 'vitest'
import type { TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { planOf, receiveAll, uuidOf } from '../graphql-site.ts'
import { buildOf, hostileApp } from './hostile-app.ts'

async function statementsOf(app: TestApp, query: string, variables: Record<string, unknown> = {}) {
  app.takeQueries()
  const { errors } = await app.graphql(query, variables)
  expect(errors).toBeUndefined()
  return app.takeQueries()
}

test('the analyses of a list of builds cost one statement, however many there are', async () => {
  const app = await hostileApp()
  await receiveAll(
    app,
    Array.from({ length: 30 }, (_, n) =>
      sampleRecord({
        uuid: uuidOf(n),
        result: { kind: 'exited', code: n % 3 === 0 ? 1n : 0n },
        artifacts: [file('bin/a', `binary ${n}`), file('opam-switch', `switch ${n % 7}`)],
      }),
    ),
  )
  const list = (first: number, fields: string) =>
    statementsOf(app, `{ builds(first: ${first}) { nodes { uuid ${fields} } } }`)
  const analyses = 'analyses { id kind state version error attempts startedAt finishedAt inputSha256 }'
  for (const first of [2, 30]) {
    const without = await list(first, '')
    const statements = await list(first, analyses)
    expect(statements).toHaveLength(without.length + 1)
    const last = statements.at(-1) ?? ''
    expect(last).toContain('QueuedTask')
    expect(planOf(app, last).filter((step) => step.startsWith('SCAN'))).toEqual([])
  }
})

test('an upload enqueues all its tasks with one statement', async () => {
  const app = await hostileApp()
  await receiveAll(app, [sampleRecord()])
  app.takeQueries()
  await receiveAll(app, [sampleRecord({ artifacts: [file('bin/a', 'new'), file('opam-switch', 'new')] })])
  expect(app.takeQueries().filter((statement) => statement.includes('QueuedTask'))).toHaveLength(1)
  const rows = await app.deps.db.queuedTask.findMany({
    orderBy: { kind: 'asc' },
    where: { key: { not: '' } },
  })
  expect(rows.map(({ kind }) => kind)).toEqual([
    ...['DEPENDENCIES', 'DEPENDENCIES', 'DESCRIBE_JOB', 'SOLO5', 'SOLO5'],
  ])
})

test('the engine finds its work by an index', async () => {
  const app = await hostileApp()
  await receiveAll(
    app,
    Array.from({ length: 20 }, (_, n) => buildOf(`binary ${n}`)),
  )
  app.takeQueries()
  await app.deps.runner.start()
  await app.deps.runner.settled()
  // The collection of blobs asks for the newest row, which is the first of a walk from the end.
  const isNewest = (statement: string) => /WHERE 1=1 ORDER BY \S+ DESC LIMIT/.test(statement)
  const statements = app
    .takeQueries()
    .filter((statement) => statement.includes('QueuedTask') && !isNewest(statement))
  expect(statements.length).toBeGreaterThan(20)
  for (const statement of new Set(statements)) {
    const walks = planOf(app, statement).filter((step) => /^SCAN (main\.)?"?QueuedTask\b/.test(step))
    expect(walks, statement).toEqual([])
  }
})

test('builds that arrive while analyses run are analysed, too', async () => {
  const app = await hostileApp()
  await app.deps.runner.start()
  await Promise.all(
    Array.from({ length: 40 }, (_, n) => receiveAll(app, [buildOf(`binary ${n}`, { job: `job-${n % 5}` })])),
  )
  await app.deps.runner.settled()
  expect(
    await app.deps.db.queuedTask.groupBy({ by: ['state'], where: { kind: 'SOLO5' }, _count: true }),
  ).toEqual([{ state: 'DONE', _count: 40 }])
})

test('an answer with an analysis that is to end is made anew when the analysis ends', async () => {
  const app = await hostileApp()
  const record = buildOf('fine')
  await receiveAll(app, [record])
  const query = `{ build(uuid: "${record.uuid}") { analyses { state } } }`
  const get = async () => {
    const answer = await fetch(`${app.url}/graphql?query=${encodeURIComponent(query)}`, {
      headers: { Accept: 'application/json' },
    })
    const { data } = (await answer.json()) as { data: { build: { analyses: { state: string }[] } } }
    return { etag: answer.headers.get('etag'), state: data.build.analyses[0]?.state }
  }
  const pending = await get()
  expect(pending).toEqual({ etag: expect.any(String), state: 'PENDING' })
  // It is kept for those who ask meanwhile.
  app.takeQueries()
  expect(await get()).toEqual(pending)
  expect(app.takeQueries()).toEqual([])
  await app.deps.runner.start()
  await app.deps.runner.settled()
  const ready = await get()
  expect(ready.state).toBe('READY')
  expect(ready.etag).not.toBe(pending.etag)
})
