import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { bytesOf } from '../app.ts'
import { doors, send } from '../durability/doors.ts'
import { startWatched, type WatchedServer } from '../durability/server.ts'
import { expectBlobsSound, expectWhole, filesBelow, sha256, visibleBuilds } from '../durability/stored.ts'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { file, sampleRecord } from '../record.ts'

/** A server whose database refuses each build that has an artifact `poison`, late in its transaction. */
async function startWithPoison(): Promise<WatchedServer> {
  const server = await startWatched()
  new Database(server.config.databaseFile)
    .exec(
      `CREATE TRIGGER "poison" BEFORE INSERT ON "JobOutput"
       WHEN EXISTS (SELECT 1 FROM "Artifact" WHERE path = 'poison') BEGIN SELECT RAISE(ABORT, 'poisoned'); END`,
    )
    .close()
  return server
}

const shared = Array.from({ length: 20 }, (_, n) => file(`shared-${n}`, `content ${n} of both`))

const poisoned = () => sampleRecord({ artifacts: [...shared, file('poison', 'bitter'), file('bin/a', 'a')] })
const wholesome = () => sampleRecord({ artifacts: [...shared, file('bin/a', 'a')] })

describe.each(doors)('by $name', (door) => {
  const sendTo = async ({ url }: WatchedServer, record: ExecRecord) =>
    send(door, url, await bytesOf(encodeExecRecord(record)))

  test('an upload that the database refuses leaves no file behind', async () => {
    const server = await startWithPoison()
    expect(await sendTo(server, poisoned())).toMatchObject({ verdict: 'other' })
    expect(filesBelow(server.config.blobDir)).toEqual([])
    await expect.poll(() => filesBelow(server.config.stagingDir)).toEqual([])
    expect(await visibleBuilds(server.url)).toEqual([])
    expect(server.errors.join()).toContain('poisoned')
  })

  test('an upload whose commit fails without telling whether it is stored keeps its files', async () => {
    const server = await startWatched()
    const record = wholesome()
    const { writer } = server.deps
    const { transact } = writer
    writer.transact = async (changes, action) => {
      await transact(changes, action)
      throw new Error('disk I/O error')
    }
    expect(await sendTo(server, record)).toMatchObject({ verdict: 'other' })
    writer.transact = transact
    await expectWhole(server.url, record)
    expect(await sendTo(server, record)).toMatchObject({ verdict: 'exists' })
    expect(server.errors.join()).toContain('the commit of a build failed')
  })

  test('blobs that it shares with stored builds stay', async () => {
    const server = await startWithPoison()
    const record = wholesome()
    await sendTo(server, record)
    const before = filesBelow(server.config.blobDir)
    await sendTo(server, poisoned())
    expect(filesBelow(server.config.blobDir)).toEqual(before)
    await expectWhole(server.url, record)
  })

  test('blobs that it shares with uploads in flight stay if those are stored', async () => {
    const server = await startWithPoison()
    for (let round = 0; round < 5; round++) {
      const good = [wholesome(), wholesome()]
      const all = [poisoned(), good[0]!, poisoned(), good[1]!, poisoned()]
      await Promise.all(all.map((record) => sendTo(server, record)))
      for (const record of good) await expectWhole(server.url, record)
    }
    expect(await visibleBuilds(server.url)).toHaveLength(10)
    expectBlobsSound(server.config.blobDir)
    const bitter = `/${sha256(Buffer.from('bitter'))}`
    expect(filesBelow(server.config.blobDir).filter((path) => path.endsWith(bitter))).toEqual([])
  })
})
