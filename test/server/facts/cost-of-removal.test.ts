import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { BuildId } from '../../../server/ids.ts'
import { factSite, removeAll, store, type Told } from './fact-site.ts'

const base: Told = {
  job: 'one',
  platform: 'debian-12',
  failed: false,
  startedAt: new Date('2026-01-20T12:00:00Z'),
  durationMs: 5_000,
  input: 1,
  output: 1,
  readme: 1,
  opamSwitch: 1,
}

/** The newest success, binary, readme and switch of its job, a main binary of its own, and a rival of its input. */
const rival: Told = { ...base, startedAt: new Date('2026-01-21T12:00:00Z'), durationMs: 60_000, output: 2 }

test('a removal costs as many statements with many other builds as with few', async () => {
  const counts: number[][] = []
  for (const others of [6, 40]) {
    const site = await factSite()
    const ids: BuildId[] = []
    for (let n = 0; n < others; n++) ids.push(await store(site, base, n))
    const rivalId = await store(site, rival, others)
    const countOf = async (id: BuildId | undefined) => {
      site.takeStatements()
      await removeAll(site, id === undefined ? [] : [id])
      return site.takeStatements().length
    }
    // The rival turns the verdicts of all others; then an old one goes, and one that is the newest.
    counts.push([await countOf(rivalId), await countOf(ids.shift()), await countOf(ids.pop())])
  }
  expect(counts[0]).toEqual(counts[1])
})

test('a removal finds other builds by an index', async () => {
  const site = await factSite()
  const ids: BuildId[] = []
  for (let n = 0; n < 4; n++) ids.push(await store(site, base, n))
  ids.push(await store(site, rival, 4))
  ids.push(await store(site, { ...base, output: null, failed: true }, 5))
  const db = new Database(site.file, { readonly: true })
  site.takeStatements()
  await removeAll(site, ids.reverse())
  const statements = new Set(site.takeStatements().filter((sql) => /^(SELECT|UPDATE|DELETE)/.test(sql)))
  expect(statements.size).toBeGreaterThan(20)
  try {
    // Statements that look for an existing row by its whole key are planned when the tables are empty, too.
    for (const sql of statements) {
      const values = sql.match(/\?/g)?.map(() => null) ?? []
      const steps = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
      const scans = steps.filter(({ detail }) => /^SCAN (?!(x|n|c|sub|\(subquery|CONSTANT ROW))/.test(detail))
      expect(scans, sql).toEqual([])
      // Many builds of a site have the same verdict or status.
      const wide = steps.filter(({ detail }) =>
        /Build_(verdict|startedAt|(failed|succeeded)_(startedAt|id))_/.test(detail),
      )
      expect(wide, sql).toEqual([])
    }
  } finally {
    db.close()
  }
})
