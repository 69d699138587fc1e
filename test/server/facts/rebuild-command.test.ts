import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { copyFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hub } from '../../hub.ts'
import { temporaryDir } from '../../app.ts'
import { factSite, store, told } from './fact-site.ts'

/** A data directory with builds of two jobs, of which one has a wrong counter and lacks its history. */
async function dataDirWithFaults() {
  const site = await factSite()
  const [build] = fc.sample(told, { seed: 3, numRuns: 1 })
  if (!build) throw new Error('no sample')
  await store(site, { ...build, job: 'right', failed: true }, 1)
  await store(site, { ...build, job: 'wrong', failed: true }, 2)
  await site.closeDatabase()
  const dataDir = temporaryDir()
  const databaseFile = join(dataDir, 'builder-hub.sqlite3')
  copyFileSync(site.file, databaseFile)
  const db = new Database(databaseFile)
  const { id } = db.prepare<[], { id: number }>(`SELECT id FROM "Job" WHERE name = 'wrong'`).get() ?? {
    id: 0,
  }
  db.prepare('UPDATE "JobPlatform" SET "failedCount" = 7 WHERE "jobId" = ?').run(id)
  db.prepare('DELETE FROM "JobPeriod" WHERE "jobId" = ?').run(id)
  db.close()
  const run = (...args: string[]) => hub(['--data-dir', dataDir, 'rebuild-facts', ...args])
  return { run, jobId: id }
}

test('--check prints each wrong row and exits with 3; a rebuild corrects them', async () => {
  const { run, jobId } = await dataDirWithFaults()
  const checked = await run('--check')
  expect(checked.status).toBe(3)
  expect(checked.stdout.split('\n').filter((line) => line !== '')).toEqual([
    expect.stringMatching(`^JobPlatform jobId=${jobId} platformId=\\d+: failedCount is 7, not 1$`),
    ...['DAY', 'WEEK', 'MONTH'].map((unit): unknown =>
      expect.stringMatching(
        `^JobPeriod jobId=${jobId} platformId=\\d+ unit=${unit} startsAt=\\S+Z: the row is missing$`,
      ),
    ),
  ])
  expect(checked.stderr).toBe(
    '4 rows differ from what the builds say: run "hub rebuild-facts" without --check to correct that\n',
  )
  expect(await run()).toEqual({ status: 0, stdout: '4 rows corrected\n', stderr: '' })
  expect(await run('--check')).toEqual({ status: 0, stdout: 'all facts are as the builds say\n', stderr: '' })
  expect(await run()).toEqual({ status: 0, stdout: '0 rows corrected\n', stderr: '' })
})

test('--job checks and rebuilds one job alone', async () => {
  const { run } = await dataDirWithFaults()
  expect((await run('--check', '--job', 'right')).status).toBe(0)
  expect((await run('--check', '--job', 'wrong')).status).toBe(3)
  expect((await run('--job', 'right')).stdout).toBe('0 rows corrected\n')
  expect((await run('--job', 'wrong')).stdout).toBe('4 rows corrected\n')
  expect((await run('--check')).status).toBe(0)
})

test('a job that is not there is named', async () => {
  const { run } = await dataDirWithFaults()
  expect(await run('--job', 'none')).toEqual({ status: 1, stdout: '', stderr: 'there is no job none\n' })
})

test('the help tells the options', async () => {
  const { run } = await dataDirWithFaults()
  const { status, stdout } = await run('--help')
  expect(status).toBe(0)
  for (const option of ['--job <name>', '--check']) expect(stdout).toContain(option)
})
