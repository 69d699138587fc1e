import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hub } from '../../hub.ts'
import { testApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { analyseAll } from '../analyses/analyse-all.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'builder-hub-test-'))
const run = (...args: string[]) => hub(['--data-dir', dataDir, ...args])

beforeAll(async () => {
  const app = await testApp({ keep: true })
  await receiveAll(app, [
    sampleRecord({ uuid: uuidOf(1), job: 'dns-primary', artifacts: [file('bin/dns.hvt', 'a')] }),
    sampleRecord({
      ...{ uuid: uuidOf(2), job: 'web', platform: 'debian-13', artifacts: [] },
      ...{ result: { kind: 'exited', code: 1n }, startedAt: new Date('2026-11-02T10:00:00Z') },
      console: [{ deltaNs: 1n, text: Buffer.from('Error: Library "seq" not found.') }],
    }),
  ])
  await analyseAll(app)
  const stored = join(app.deps.config.stagingDir, 'test.sqlite3')
  // What is in the write-ahead log, too.
  const sqlite = new Database(stored)
  sqlite.exec(`VACUUM INTO '${join(dataDir, 'builder-hub.sqlite3')}'`).close()
  await app.close()
})

afterAll(() => rmSync(dataDir, { recursive: true }))

test('hub search prints what is found, one a line', async () => {
  expect(await run('search', 'DNS')).toEqual({
    status: 0,
    stdout: 'job dns-primary\nfile bin/dns.hvt of dns-primary: 1 build\n',
    stderr: '',
  })
  const { stdout } = await run('search', 'library', 'seq')
  expect(stdout).toBe(
    `failure ${uuidOf(2)} web on debian-13, 2026-11-02T10:00:00.000Z: failed: exited 1: Error: Library "seq" not found.\n`,
  )
  const found = await run('search', '--json', '2026-11-02')
  expect(JSON.parse(found.stdout)).toMatchObject({ jobs: [], builds: [{ uuid: uuidOf(2), job: 'web' }] })
  expect(await run('search', 'nothing')).toMatchObject({
    status: 3,
    stderr: 'nothing has all of these words\n',
  })
  expect((await run('search', 'x'.repeat(201))).status).toBe(2)
})

test('hub list prints a whole list', async () => {
  const { stdout } = await run('list', 'builds', '--since', '2026-11-02')
  expect(parse(stdout, { columns: true })).toMatchObject([{ uuid: uuidOf(2), status: 'FAILED' }])
  expect((await run('list', 'platforms', '--format', 'jsonl')).stdout).toBe(
    '{"platform":"debian-12","jobCount":1,"buildCount":1,"failedCount":0}\n{"platform":"debian-13","jobCount":1,"buildCount":1,"failedCount":1}\n',
  )
  expect(await run('list', 'platforms', '--job', 'web')).toMatchObject({
    status: 2,
    stderr: 'error: platforms takes no parameters, not "job"\n',
  })
  expect((await run('list', 'users')).status).toBe(2)
})
