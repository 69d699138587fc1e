import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { siteDatabaseOf } from '../../server/database/site-database.ts'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'
import { alice, projectDir, temporaryDir } from '../app.ts'
import { emptyDatabase } from '../database.ts'
import { startWatched } from '../durability/server.ts'
import { expectedOf, readBuild } from '../durability/stored.ts'
import { hub } from '../hub.ts'
import { ownRecord, upload } from '../server/backup/backup-site.ts'
import { postgresqlBinDir } from './cluster.ts'

const configOf = (dataDir: string, url: string) =>
  readConfig({
    BUILDER_HUB_DATA_DIR: dataDir,
    BUILDER_HUB_DATABASE_URL: url,
    BUILDER_HUB_PORT: '0',
    BUILDER_HUB_LOG_LEVEL: 'silent',
  })

test('a site is saved while it runs, and restored into an empty database', async () => {
  vi.stubEnv('PATH', `${postgresqlBinDir()}:${process.env.PATH}`)
  const [url, target] = [await emptyDatabase(), await emptyDatabase()]
  const config = configOf(temporaryDir(), url)
  const stored = await siteDatabaseOf(config, projectDir)
  await stored.migrate()
  const database = await stored.open()
  await addUser(database.writer, byServer(), { ...alice, unrestricted: true })
  await database.closeDatabase()
  const server = await startWatched({ config, runsTasks: true })
  const records = [ownRecord(), ownRecord(), ownRecord()]
  for (const record of records) expect(await upload(server.url, record)).toBe(201)

  const dir = join(temporaryDir(), 'backups')
  const at = ['--data-dir', config.dataDir, '--database-url', url]
  const made = await hub(['backup', dir, '--json', ...at])
  expect(made).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(made.stdout)).toMatchObject({
    ...{ engine: 'postgresql', counts: { builds: 3, users: 1 }, database: { file: 'database.dump' } },
    lost: { count: 0 },
  })
  expect(await hub(['backup', 'verify', dir, '--all'])).toMatchObject({ status: 0, stderr: '' })

  const dataDir = join(temporaryDir(), 'restored')
  const to = ['--data-dir', dataDir, '--database-url']
  expect((await hub(['restore', dir, ...to, url])).stderr).toContain('another server uses')
  expect((await hub(['restore', dir, '--data-dir', join(temporaryDir(), 'x')])).stderr).toContain(
    'the backup of a site on PostgreSQL: name an empty database by --database-url',
  )
  expect(await hub(['restore', dir, ...to, target])).toMatchObject({ status: 0, stderr: '' })
  expect(readdirSync(dataDir)).not.toContain('restoring')
  expect(await hub(['rebuild-facts', '--check', ...to, target])).toMatchObject({ status: 0 })
  const restored = await startWatched({ config: configOf(dataDir, target), runsTasks: true })
  for (const record of records)
    expect(await readBuild(restored.url, record.uuid)).toEqual(await expectedOf(record))
  expect(await upload(restored.url, ownRecord())).toBe(201)
  expect(
    await hub(['restore', dir, '--data-dir', join(temporaryDir(), 'y'), '--database-url', target]),
  ).toMatchObject({
    status: 1,
  })

  vi.stubEnv('PATH', '/nowhere')
  const absent = await hub(['backup', dir, ...at])
  expect(absent).toMatchObject({ status: 1, stdout: '' })
  expect(absent.stderr).toContain("pg_dump is not installed: install PostgreSQL's client programs")
  vi.unstubAllEnvs()
})
