import { appendFileSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { createAuditFile } from '../../../server/audit/audit-file.ts'
import { findBrokenEntry } from '../../../server/audit/find-broken-entry.ts'
import { jsonOfEntry, listAudit, type AuditFilter } from '../../../server/audit/list-audit.ts'
import { recordAudit } from '../../../server/audit/record-audit.ts'
import type { Deps } from '../../../server/deps.ts'
import type { Page } from '../../../server/page.ts'
import { addUser } from '../../../server/users/add-user.ts'
import { temporaryDir, testApp } from '../../app.ts'
import { isSqlite } from '../../database.ts'
import { freshDatabase } from '../../database.ts'
import { hub } from '../../hub.ts'

async function addEntries({ writer }: Pick<Deps, 'writer'>, count: number, from = 0) {
  for (let n = from; n < from + count; n++)
    await writer.transact([], (tx) =>
      recordAudit(tx, {
        at: new Date(Date.UTC(2026, 0, 1) + n * 1000),
        actor: { ...byServer().actor, name: n % 2 === 0 ? 'alice' : null },
        action: n % 3 === 0 ? 'access.add' : 'user.enable',
        target: `bob ${n}`,
        detail: { job: 'a "job" with ünïcode', n },
      }),
    )
}

/** As whoever owns the database can. */
async function allowChanges({ writer }: Pick<Deps, 'writer'>) {
  await writer.transact([], async (tx) => {
    if (isSqlite) {
      await tx.$executeRaw`DROP TRIGGER "AuditEntry_no_update"`
      await tx.$executeRaw`DROP TRIGGER "AuditEntry_no_delete"`
    } else await tx.$executeRaw`DROP TRIGGER "AuditEntry_append_only" ON "AuditEntry"`
  })
}

test('the database refuses to change or to remove an entry', async () => {
  const { deps } = await testApp()
  await addEntries(deps, 2)
  const { db, writer } = deps
  const all = await db.auditEntry.findMany()
  for (const change of [
    () => writer.transact([], (tx) => tx.auditEntry.updateMany({ data: { actor: 'mallory' } })),
    () => writer.transact([], (tx) => tx.auditEntry.deleteMany({ where: { target: 'bob 1' } })),
    () => writer.transact([], (tx) => tx.$executeRaw`DELETE FROM "AuditEntry"`),
  ])
    await expect(change()).rejects.toThrow()
  expect(await db.auditEntry.findMany()).toEqual(all)
})

test.each([
  ['changed', "UPDATE \"AuditEntry\" SET actor = 'mallory' WHERE target = 'bob 2'", 3, 'its content'],
  ['removed', 'DELETE FROM "AuditEntry" WHERE target = \'bob 2\'', 4, 'the entry before it'],
  ['removed at the start', 'DELETE FROM "AuditEntry" WHERE target = \'bob 0\'', 2, 'the entry before it'],
])('an entry that was %s is found', async (_, statement, id, reason) => {
  const { deps } = await testApp()
  await addEntries(deps, 5)
  expect(await findBrokenEntry(deps.db)).toEqual({ count: 5, broken: null })
  await allowChanges(deps)
  await deps.writer.transact([], (tx) => tx.$executeRawUnsafe(statement))
  const { broken } = await findBrokenEntry(deps.db)
  expect(broken?.id).toBe(id)
  expect(broken?.reason).toContain(reason)
})

test('entries are listed by time, actor, action and target, from both ends', async () => {
  const { deps } = await testApp()
  await addEntries(deps, 7)
  const ids = async (filter: AuditFilter, page: Partial<Page<number>> = {}) => {
    const whole = { limit: 9, after: null, before: null, backward: false, ...page }
    const found = await listAudit(deps.db, filter, whole)
    return found.map(({ id }) => Number(id))
  }
  // One more than the page has, if it exists.
  expect(await ids({}, { limit: 3 })).toEqual([7, 6, 5, 4])
  expect(await ids({}, { limit: 3, after: 4 })).toEqual([3, 2, 1])
  expect(await ids({}, { limit: 2, before: 2, backward: true })).toEqual([5, 4, 3])
  expect(await ids({ actor: 'alice' })).toEqual([7, 5, 3, 1])
  expect(await ids({ action: 'access.add', actor: 'alice' })).toEqual([7, 1])
  expect(await ids({ target: 'bob 1' })).toEqual([2])
  const [since, until] = [new Date(Date.UTC(2026, 0, 1, 0, 0, 2)), new Date(Date.UTC(2026, 0, 1, 0, 0, 4))]
  expect(await ids({ since, until })).toEqual([4, 3])
  expect(await ids({ result: 'FAILED' })).toEqual([])
})

test('each entry is one line of the file, whatever a crash has left of it', async () => {
  const { deps } = await testApp()
  const path = join(temporaryDir(), 'audit.jsonl')
  const lines = () => readFileSync(path, 'utf8').split('\n').slice(0, -1)
  const expected = async () =>
    (await deps.db.auditEntry.findMany({ orderBy: { id: 'asc' } })).map((entry) =>
      JSON.stringify(jsonOfEntry(entry)),
    )
  const first = createAuditFile(deps, path, { everyMs: 3_600_000 })
  await addEntries(deps, 3)
  await Promise.all([first.append(), first.append()])
  expect(lines()).toEqual(await expected())
  expect(statSync(path).mode & 0o077).toBe(0)
  await addEntries(deps, 2, 3)
  await first.close()
  expect(lines()).toEqual(await expected())
  for (const torn of ['{"id":6,"at', '\n'.slice(1)]) {
    appendFileSync(path, torn)
    await addEntries(deps, 1, 5)
    const next = createAuditFile(deps, path, { everyMs: 3_600_000 })
    await next.close()
    expect(lines()).toEqual(await expected())
  }
})

test('a file that is of another database is moved aside', async () => {
  const { deps } = await testApp()
  const dir = temporaryDir()
  const path = join(dir, 'audit.jsonl')
  await addEntries(deps, 3)
  await createAuditFile(deps, path).close()
  const other = await freshDatabase(temporaryDir())
  await addUser(other.writer, byServer(), { name: 'bob', password: null })
  await createAuditFile({ ...deps, db: other.db }, path).close()
  await other.closeDatabase()
  const files = readdirSync(dir).sort()
  expect(files.map((name) => readFileSync(join(dir, name), 'utf8').split('\n').length - 1)).toEqual([1, 3])
})

test('the command line prints the log, and finds what was changed in it', async () => {
  const dataDir = temporaryDir()
  const run = (...args: string[]) => hub([...args, '--data-dir', dataDir], { input: 'secret\n' })
  for (const name of ['alice', 'bob']) await run('user', 'add', name)
  await run('user', 'disable', 'bob')
  const { stdout } = await run('audit', '--action', 'user.add', '--json')
  const entries = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(entries).toMatchObject([
    { target: 'bob', via: 'command', action: 'user.add', result: 'DONE', detail: { role: 'UPLOADER' } },
    { target: 'alice' },
  ])
  expect(stdout).not.toContain('secret')
  expect((await run('audit', '--limit', '1')).stdout).toMatch(
    /^2\S+Z .* \(command\) user\.disable bob DONE\n$/,
  )
  expect((await run('audit', '--action', 'nonsense')).status).toBe(2)
  expect(await run('audit', 'verify')).toMatchObject({
    status: 0,
    stdout: '3 entries: none was changed or removed\n',
  })
  const { default: Sqlite } = await import('better-sqlite3')
  const sqlite = new Sqlite(join(dataDir, 'builder-hub.sqlite3'))
  sqlite.exec(`DROP TRIGGER "AuditEntry_no_update"; UPDATE "AuditEntry" SET target = 'eve' WHERE id = 2`)
  sqlite.close()
  const broken = await run('audit', 'verify', '--json')
  expect(broken).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('entry 2 of the audit log') as string,
  })
  expect(JSON.parse(broken.stdout)).toMatchObject({ count: 1, broken: { id: 2 } })
})
