import { expect, onTestFinished, test, vi } from 'vitest'
import type { TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { planOf, receiveAll, uuidOf } from '../graphql-site.ts'
import { buildOf, hostileApp } from './hostile-app.ts'
import { hostileKinds } from './hostile-kinds.ts'
import { testApp } from '../../app.ts'

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
    expect(last).toContain('Analysis')
    expect(planOf(app, last).filter((step) => step.startsWith('SCAN'))).toEqual([])
  }
})

test('an upload writes all its analyses with one statement', async () => {
  const counts: number[] = []
  for (const kinds of [{}, hostileKinds()]) {
    const app = await testApp({ analyses: { kinds } })
    await receiveAll(app, [sampleRecord()])
    app.takeQueries()
    await receiveAll(app, [sampleRecord({ artifacts: [file('bin/a', 'new'), file('opam-switch', 'new')] })])
    counts.push(app.takeQueries().length)
  }
  const [without = 0, withThem] = counts
  expect(withThem).toBe(without + 1)
})

test('the engine finds its work by an index', async () => {
  const app = await hostileApp()
  await receiveAll(
    app,
    Array.from({ length: 20 }, (_, n) => buildOf(`binary ${n}`)),
  )
  app.takeQueries()
  await app.deps.analyses.start()
  await app.deps.analyses.settled()
  const statements = app.takeQueries().filter((statement) => statement.includes('Analysis'))
  expect(statements.length).toBeGreaterThan(20)
  for (const statement of new Set(statements)) {
    const walks = planOf(app, statement).filter((step) => /^SCAN (main\.)?"?Analysis\b(?!Sweep)/.test(step))
    expect(walks, statement).toEqual([])
  }
})

test('builds that arrive while analyses run are analysed, too', async () => {
  const app = await hostileApp()
  await app.deps.analyses.start()
  await Promise.all(
    Array.from({ length: 40 }, (_, n) => receiveAll(app, [buildOf(`binary ${n}`, { job: `job-${n % 5}` })])),
  )
  await app.deps.analyses.settled()
  expect(await app.deps.db.analysis.groupBy({ by: ['state'], _count: true })).toEqual([
    { state: 'READY', _count: 40 },
  ])
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
  await app.deps.analyses.start()
  await app.deps.analyses.settled()
  const ready = await get()
  expect(ready.state).toBe('READY')
  expect(ready.etag).not.toBe(pending.etag)
})

test('an engine that has nothing to do looks for work once in five seconds, in a few statements', async () => {
  const app = await hostileApp()
  const timers = vi.spyOn(globalThis, 'setTimeout')
  onTestFinished(() => timers.mockRestore())
  const pauses = () => timers.mock.calls.map(([, ms]) => ms)
  await app.deps.analyses.start()
  await app.deps.analyses.settled()
  // It has looked, and will again.
  await expect.poll(pauses).toContain(5_000)
  app.takeQueries()
  await app.deps.analyses.settled()
  // One look: what waits, what is outdated for each kind, older builds, what is due.
  expect(app.takeQueries().length).toBeLessThanOrEqual(7)
})
