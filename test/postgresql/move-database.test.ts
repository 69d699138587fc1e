import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { moveDatabase } from '../../server/database/move-database.ts'
import { WrongDatabaseError } from '../../server/database/migrations.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { startServer } from '../../server/start-server.ts'
import { alice, basicAuth, bytesOf, projectDir } from '../app.ts'
import { emptyDatabase } from '../database.ts'
import { configOf, makeDataDir } from '../durability/data-dir.ts'
import { hub } from '../hub.ts'
import { file, sampleRecord } from '../record.ts'

// A site on SQLite moves to PostgreSQL.

async function upload(url: string, n: number): Promise<number> {
  const record = sampleRecord({
    uuid: randomUUID(),
    job: n % 2 === 0 ? 'even' : 'odd',
    artifacts: [file('bin/it', `content ${n}`), file('ünïcode \u{1f42b}', `\\x41 "${n}"\n`)],
    ...(n % 3 === 0 ? { result: { kind: 'exited', code: 1n } as const } : {}),
  })
  const answer = await fetch(`${url}/upload`, {
    method: 'POST',
    headers: { Authorization: basicAuth(alice) },
    body: await bytesOf(encodeExecRecord(record)),
  })
  await answer.text()
  return answer.status
}

const query = `{
  jobs(first: 10) { edges { node { name newestBuild { uuid startedAt finishedAt verdict } } } }
  failedBuilds(first: 10) { edges { node { uuid startedAt artifacts(first: 5) { edges { node { path sha256 sizeBytes } } } } } }
}`

/** What a site shows, and the UUIDs of its audit log. */
async function shownAt(url: string): Promise<unknown> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return answer.json()
}

/** Uploads builds with these numbers, and tells what the site shows then. */
async function serveAndUpload(
  dataDir: string,
  numbers: readonly number[],
  env: Record<string, string> = {},
): Promise<unknown> {
  const server = await startServer(configOf(dataDir, env), projectDir, { authenticating: { scryptN: 256 } })
  try {
    for (const n of numbers) expect(await upload(server.url, n)).toBe(201)
    return await shownAt(server.url)
  } finally {
    await server.stop()
  }
}

test('a site moves, goes on after interruptions, and is the same afterwards', async () => {
  const dataDir = makeDataDir()
  const to = await emptyDatabase()
  const { databaseFile } = configOf(dataDir)
  await serveAndUpload(dataDir, [1, 2, 3])

  /** Stops after the first slice of this table. */
  const moveUntil = async (last: string) => {
    const stopping = new AbortController()
    const moved = await moveDatabase(databaseFile, to, {
      signal: stopping.signal,
      onProgress: ({ table }) => void (table === last && stopping.abort()),
    })
    expect(moved).toBeNull()
  }
  await moveUntil('Build')
  const onPostgresql = { BUILDER_HUB_DATABASE_URL: to }
  await expect(startServer(configOf(dataDir, onPostgresql), projectDir)).rejects.toThrow(WrongDatabaseError)

  // The site has gone on meanwhile: the move begins anew, and goes on from there.
  const before = await serveAndUpload(dataDir, [4, 5, 6])
  await moveUntil('Artifact')
  const tables: string[] = []
  const moved = await moveDatabase(databaseFile, to, { onProgress: ({ table }) => void tables.push(table) })
  expect(moved?.tableCount).toBeGreaterThan(60)
  expect(tables).not.toContain('Artifact')
  expect(tables).toContain('Build')

  expect(await serveAndUpload(dataDir, [], onPostgresql)).toEqual(before)
  await serveAndUpload(dataDir, [7], onPostgresql)
  await expect(moveDatabase(databaseFile, to)).rejects.toThrow(
    'has tables with rows: create an empty database',
  )
  const verified = await hub(['verify', '--data-dir', dataDir, '--database-url', to])
  expect(verified).toMatchObject({ status: 0 })
})

test('hub migrate-store moves the database of a stopped site', async () => {
  const dataDir = makeDataDir()
  const to = await emptyDatabase()
  const move = () => hub(['migrate-store', '--to', to, '--data-dir', dataDir])
  const server = await startServer(configOf(dataDir), projectDir)
  onTestFinished(server.stop)
  expect(await move()).toMatchObject({ status: 1, stderr: expect.stringContaining('another server uses') })
  await server.stop()
  const moved = await move()
  expect(moved).toMatchObject({ status: 0, stderr: '' })
  expect(moved.stdout).toMatch(
    /^\d+ rows of \d+ tables copied and compared\. Start the server with --database-url\n$/,
  )
  const users = await hub(['user', 'list', '--data-dir', join(dataDir, 'other'), '--database-url', to])
  expect(users.stdout).toContain('alice')
})

test('hub migrate-store says what it needs', async () => {
  const run = (...args: string[]) => hub(['migrate-store', '--data-dir', makeDataDir(), ...args])
  expect((await run()).stderr).toContain('name --blobs, --to, or both')
  expect((await run('--to', 'mysql://db/hub')).stderr).toContain('it must be a postgresql:// address')
})
