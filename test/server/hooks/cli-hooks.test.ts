import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { temporaryDir } from '../../app.ts'
import { configOf, makeDataDir } from '../../durability/data-dir.ts'
import { hub } from '../../hub.ts'
import { uuidOf } from '../graphql-site.ts'
import { hookSite } from './hook-site.ts'

test('hub hooks lists hooks and runs, shows one, runs it again, and says what is wrong', async () => {
  const dataDir = makeDataDir()
  const configDir = temporaryDir()
  const env = { BUILDER_HUB_DATA_DIR: dataDir, BUILDER_HUB_CONFIG_DIR: configDir }
  const run = async (...args: string[]) => {
    const { status, stderr, stdout } = await hub(['hooks', ...args], { env })
    return [status, stdout, stderr]
  }
  expect(await run('list')).toEqual([0, '', expect.stringContaining(`there are no hooks in ${configDir}`)])
  const hooks = hookSite(configDir)
  hooks.install('publish.sh', 'exit 0')
  hooks.install('mail.sh', 'exit 0', { event: 'FAILURE', mode: 0o644 })
  const db = new Database(configOf(dataDir).databaseFile)
  const values = `1, 'UPLOAD', 'e-1', 'publish.sh', '${uuidOf(1)}', 'hello', 'debian-12', 'FAILED', 2, 3, 'it exited with status 3'`
  db.exec(`INSERT INTO "HookRun" (id, event, "eventId", hook, "buildUuid", job, platform, state, attempts, "exitStatus", error,
    "createdAt", "startedAt", "finishedAt")
    VALUES (${values}, '2026-11-01T10:00:00.000+00:00', '2026-11-01T10:00:01.000+00:00', '2026-11-01T10:00:02.500+00:00')`)
  const ended = 'failed 2026-11-01T10:00:02.500Z after 1.5 s'
  expect(await run('list')).toEqual([
    0,
    `upload-hooks/publish.sh: last run 1 ${ended}\n` +
      'failure-hooks/mail.sh: is not executable, so it does not run; has not run\n',
    '',
  ])
  const line = `1 upload-hooks/publish.sh for hello ${uuidOf(1)}: ${ended}, in attempt 2: it exited with status 3\n`
  expect(await run('runs', '--state', 'failed', '--hook', 'publish.sh')).toEqual([0, line, ''])
  expect(await run('runs', '--state', 'skipped')).toEqual([0, '', ''])
  expect(await run('show', '1')).toEqual([0, `${line}event e-1\n`, ''])
  expect(JSON.parse(String((await run('runs', '--json'))[1]))).toMatchObject([{ id: 1, exitStatus: 3 }])
  expect(await run('retry', '1')).toEqual([
    0,
    expect.stringContaining('the server runs it as run 1; without a running server it waits'),
    '',
  ])
  expect(db.prepare('SELECT kind, key, state FROM "QueuedTask"').all()).toEqual([
    { kind: 'HOOK', key: '1', state: 'PENDING' },
  ])
  db.close()
  expect(await run('retry', '1')).toEqual([1, '', 'the hook waits, or runs already: it runs by itself\n'])
  expect(await run('show', '9')).toEqual([1, '', 'there is no run 9: "hub hooks runs" lists them\n'])
  expect(await run('test', 'publish.sh')).toEqual([1, '', 'no build has a main binary\n'])
  expect(await run('test', 'mail.sh', '--folder', 'failure-hooks')).toEqual([
    ...[1, '', expect.stringContaining('there is no executable hook mail.sh in the folder failure-hooks')],
  ])
})
