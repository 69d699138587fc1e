import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { bytesOf } from '../app.ts'
import { configOf, fillDataDir, makeDataDir } from '../durability/data-dir.ts'
import { doors, send, type Door } from '../durability/doors.ts'
import { startWatched, type WatchedServer } from '../durability/server.ts'
import { canMount, smallDisk } from '../durability/small-disk.ts'
import { expectBlobsSound, expectWhole, filesBelow, visibleBuilds } from '../durability/stored.ts'
import { watchedFs } from '../durability/watched-fs.ts'
import { diskBlobStore } from '../../server/blobs/disk-blob-store.ts'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { file, sampleRecord } from '../record.ts'
import type { UploadStep } from '../../server/uploads/receive-build.ts'

const mebibyte = 1024 ** 2

async function sendRecord(door: Door, { url }: WatchedServer, record: ExecRecord) {
  return send(door, url, await bytesOf(encodeExecRecord(record)))
}

/** What the server complains of, but for the log of statements, which says that it had no room to grow: it goes on later. */
const errorsOf = ({ errors }: WatchedServer) =>
  errors.filter((line) => !(line.includes('"the log has not grown"') && line.includes('ENOSPC')))

/** Refused for want of room, in words; no build is visible and no file is being received. */
async function expectNoRoom(door: Door, server: WatchedServer, record: ExecRecord): Promise<void> {
  const answer = await sendRecord(door, server, record)
  expect(answer).toMatchObject({ verdict: 'storage-full', status: door.path === '/upload' ? 507 : 200 })
  expect(answer.text).toContain('no room left to store this; nothing was kept')
  await expect.poll(() => filesBelow(server.config.stagingDir)).toEqual([])
  expect(await visibleBuilds(server.url)).toEqual([])
  expect(errorsOf(server)).toEqual([])
}

async function expectRoom(door: Door, server: WatchedServer, record: ExecRecord): Promise<void> {
  expect(await sendRecord(door, server, record)).toMatchObject({ verdict: 'stored' })
  await expectWhole(server.url, record)
  await expect.poll(() => filesBelow(server.config.stagingDir)).toEqual([])
  expect(errorsOf(server)).toEqual([])
}

/** The write-ahead log keeps its size, and is written again from its start: what it once held would be room. */
function emptyWal({ config }: WatchedServer): void {
  const database = new Database(join(config.dataDir, 'builder-hub.sqlite3'))
  const [outcome] = database.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
  database.close()
  expect(outcome).toMatchObject({ busy: 0 })
}

/** So many long paths that the database needs new pages for them. */
const manyArtifacts = () =>
  sampleRecord({
    artifacts: Array.from({ length: 90 }, (_, n) => file(`${'long/'.repeat(150)}${n}`, `${n}`)),
  })

const largeRecords: [string, () => ExecRecord][] = [
  ['an artifact', () => sampleRecord({ artifacts: [file('bin/a', Buffer.alloc(8 * mebibyte, 'a'))] })],
  [
    'many artifacts together',
    () =>
      sampleRecord({
        artifacts: Array.from({ length: 80 }, (_, n) => file(`${n}`, Buffer.alloc(100_000, `${n} `))),
      }),
  ],
  ['a script', () => sampleRecord({ script: Buffer.alloc(8 * mebibyte, 's') })],
  [
    'a console',
    () =>
      sampleRecord({
        console: Array.from({ length: 80 }, (_, n) => ({
          deltaNs: BigInt(n),
          text: Buffer.alloc(100_000, `${n} `),
        })),
      }),
  ],
]

describe.each(doors)('by $name', (door) => {
  describe.skipIf(!canMount)('with the right to mount a small disk', () => {
    test.each(largeRecords)(
      '%s that does not fit leaves nothing; with more room it is stored',
      async (_name, make) => {
        const disk = smallDisk(24 * mebibyte)
        fillDataDir(disk.path)
        const server = await startWatched({ config: configOf(disk.path) })
        disk.fill()
        const record = make()
        await expectNoRoom(door, server, record)
        expect(filesBelow(server.config.blobDir)).toEqual([])
        disk.free()
        await expectRoom(door, server, record)
      },
    )

    test('a disk on which only the database has no room: refused, and stored with more room', async () => {
      const disk = smallDisk(8 * mebibyte)
      fillDataDir(disk.path)
      const elsewhere = makeDataDir()
      const server = await startWatched({
        config: {
          ...configOf(disk.path),
          blobDir: join(elsewhere, 'blobs'),
          stagingDir: join(elsewhere, 'staging'),
        },
        runsTasks: true,
      })
      emptyWal(server)
      disk.fill()
      const record = manyArtifacts()
      // Twice: a COMMIT that failed must not leave its transaction open.
      await expectNoRoom(door, server, record)
      await expectNoRoom(door, server, record)
      disk.free()
      await expectRoom(door, server, record)
    })
  })

  test('a database that may not grow: refused, and stored once it may', async () => {
    const server = await startWatched({ runsTasks: true })
    const { writer } = server.deps
    const allowPages = (count: number) =>
      writer.transact([], (tx) => tx.$queryRawUnsafe(`PRAGMA max_page_count = ${count}`))
    await allowPages(1)
    const record = manyArtifacts()
    await expectNoRoom(door, server, record)
    await expectNoRoom(door, server, record)
    await allowPages(1_000_000)
    await expectRoom(door, server, record)
  })

  test('no room at any one call to the disk: refused, and stored when sent again', async () => {
    const config = configOf(makeDataDir())
    let countdown = Infinity
    let linked = false
    const fs = watchedFs((call) => {
      // Removing a file and closing it need no room.
      if (call === 'unlink' || call === 'close') return
      countdown--
      if (countdown === 0)
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
      if (call === 'link') linked = true
    })
    const blobs = diskBlobStore({ dir: config.blobDir, stagingDir: config.stagingDir, fs })
    const onUploadStep = (step: UploadStep) => {
      // What reads the build from then on has its disk back: reading needs no room.
      if (step === 'stored') countdown = Infinity
    }
    const server = await startWatched({ config, overrides: { blobs, onUploadStep } })
    const record = sampleRecord()
    let refusals = 0
    for (;;) {
      countdown = refusals + 1
      linked = false
      const blobsBefore = filesBelow(config.blobDir)
      const answer = await sendRecord(door, server, record)
      if (answer.verdict === 'stored') break
      expect(answer).toMatchObject({ verdict: 'storage-full' })
      refusals++
      await expect.poll(() => filesBelow(config.stagingDir)).toEqual([])
      // Content that was linked already stays, unseen and whole, if the upload cannot remove it.
      if (!linked) expect(filesBelow(config.blobDir)).toEqual(blobsBefore)
      expectBlobsSound(config.blobDir)
      expect(await visibleBuilds(server.url)).toEqual([])
    }
    expect(refusals).toBeGreaterThan(20)
    await expectWhole(server.url, record)
    expect(errorsOf(server)).toEqual([])
  })
})
