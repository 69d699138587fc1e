import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { temporaryDir } from '../../app.ts'
import { hub } from '../../hub.ts'

test('the command line lists and ends sessions, and takes a lost second factor from a user', async () => {
  const dataDir = temporaryDir()
  const run = (...args: string[]) => hub([...args, '--data-dir', dataDir], { input: 'secret\n' })
  await run('user', 'add', 'alice')
  const sqlite = new Sqlite(join(dataDir, 'builder-hub.sqlite3'))
  const at = new Date().toISOString()
  const later = new Date(Date.now() + 3_600_000).toISOString()
  sqlite
    .prepare(
      `INSERT INTO "Session" ("userId", "sha256", "createdAt", "authenticatedAt", "lastSeenAt", "lastSeenFrom", "userAgent", "expiresAt")
       VALUES (1, ?, ?, ?, ?, '192.0.2.1', 'curl/8.0', ?)`,
    )
    .run(randomBytes(32), at, at, at, later)
  sqlite.exec(`UPDATE "User" SET "totpSecret" = x'00', "totpStep" = 1`)
  sqlite.close()

  expect((await run('session', 'list', '--user', 'alice')).stdout).toBe(
    `1 alice: curl 8; since ${at}; last used ${at} from 192.0.2.1; ends by ${later}\n`,
  )
  expect(await run('session', 'list', '--user', 'nobody')).toMatchObject({ status: 1 })
  expect(await run('session', 'end', '1')).toMatchObject({ status: 0, stdout: 'session 1 has ended\n' })
  expect(await run('session', 'end', '1')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('there is no such session: it may have ended already') as string,
  })
  const factor = ['user', 'remove-second-factor', 'alice']
  expect((await run(...factor)).stdout).toBe('user alice has no second factor now\n')
  expect((await run(...factor)).stdout).toBe('user alice had no second factor\n')
})
