import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { bytesOf } from '../app.ts'
import { configOf, makeDataDir } from '../durability/data-dir.ts'
import { doors, headOf, send, type Door, type Verdict } from '../durability/doors.ts'
import type { Moment } from '../durability/messages.ts'
import { startChild, type ServerChild } from '../durability/server-child.ts'
import { expectBlobsSound, expectWhole, visibleBuilds } from '../durability/stored.ts'
import { seededRandom } from '../../demo/random.ts'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import type { UploadStep } from '../../server/uploads/receive-build.ts'
import { isLong, seedOf } from '../long.ts'
import { file, sampleRecord } from '../record.ts'

const steps = [
  'job-named',
  'console-read',
  'artifact-staged',
  'record-read',
  'content-durable',
  'stored',
] as const satisfies readonly UploadStep[]

/** A record whose content no other has, apart from one artifact that all of them have. */
function distinctRecord(parts: Partial<ExecRecord> = {}): ExecRecord {
  const uuid = randomUUID()
  return sampleRecord({
    uuid,
    script: Buffer.from(`#!/bin/sh\necho ${uuid}\n`),
    console: [{ deltaNs: 1_000_000n, text: Buffer.from(`building ${uuid}`) }],
    artifacts: [
      file('bin/hello.hvt', `a unikernel ${uuid}`),
      // Some that fit into one read of the socket, and one that does not.
      file('hello.hvt.debug', Buffer.alloc(300_000, uuid)),
      file('opam-switch', 'opam-version: "2.0"\n'),
      file('empty', ''),
      file('README.md', `# ${uuid}\n`),
    ],
    ...parts,
  })
}

type Sent = { record: ExecRecord; door: Door; verdict: Verdict | 'unanswered' }

async function sendOrBreak(door: Door, url: string, record: ExecRecord): Promise<Sent> {
  const body = await bytesOf(encodeExecRecord(record))
  const verdict = await send(door, url, body).then(
    (answer) => answer.verdict,
    () => 'unanswered' as const,
  )
  return { record, door, verdict }
}

/** Start a server where one was killed, and check what that one left and what it had promised. */
async function recover(
  dataDir: string,
  sent: readonly Sent[],
  expected: { isVisible?: boolean } = {},
  mode: 'watched' | 'busy' = 'watched',
): Promise<ServerChild> {
  const child = await startChild(dataDir, mode)
  await expect.poll(() => readdirSync(configOf(dataDir).stagingDir)).toEqual([])
  const visible = new Set(await visibleBuilds(child.url))
  for (const { record, door, verdict } of sent) {
    const wasVisible = visible.has(record.uuid)
    if (expected.isVisible !== undefined) expect(wasVisible).toBe(expected.isVisible)
    if (wasVisible) await expectWhole(child.url, record)
    else expect(verdict, `build ${record.uuid} was acknowledged, and is absent`).toBe('unanswered')
    const again = await sendOrBreak(door, child.url, record)
    expect(again.verdict).toBe(wasVisible ? 'exists' : 'stored')
    await expectWhole(child.url, record)
  }
  return child
}

/** What must hold of a data directory after any number of kills. */
function expectSound(dataDir: string): void {
  const { blobDir, databaseFile } = configOf(dataDir)
  expectBlobsSound(blobDir)
  const db = new Database(databaseFile, { readonly: true })
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(db.pragma('foreign_key_check')).toEqual([])
  const miscounted = db.prepare(`
    SELECT b."jobId", b."platformId" FROM "Build" b
    LEFT JOIN "JobPlatform" p ON p."jobId" = b."jobId" AND p."platformId" = b."platformId"
    GROUP BY b."jobId", b."platformId"
    HAVING count(*) IS NOT max(p."succeededCount" + p."failedCount")`)
  expect(miscounted.all()).toEqual([])
  db.close()
}

/** The doors differ until the record is read: from then on one of them is killed, unless the test may take long. */
const stepsOf = (door: Door) =>
  isLong || door === doors[0] ? steps : steps.slice(0, steps.indexOf('record-read') + 1)

test.each(doors)(
  'killed at each step of $name: only what was stored is there after the restart',
  async (door) => {
    const dataDir = makeDataDir()
    let child = await startChild(dataDir)
    const all = [await sendOrBreak(door, child.url, distinctRecord())]
    for (const step of stepsOf(door)) {
      // The second artifact: one is staged then, and another is not.
      await child.arm({ moment: step, count: step === 'artifact-staged' ? 2 : 1 })
      const cut = await sendOrBreak(door, child.url, distinctRecord())
      await child.ended
      expect(cut.verdict, step).toBe('unanswered')
      all.push(cut)
      child = await recover(dataDir, [cut], { isVisible: step === 'stored' })
    }
    for (const { record } of all) await expectWhole(child.url, record)
    expectSound(dataDir)
  },
  300_000,
)

test('killed at random moments: every acknowledged build stays whole, no other is half there', async () => {
  // Each round is two server starts; the moments that differ in kind are each tested above.
  const rounds = isLong ? 50 : 4
  const random = seededRandom(`kill -9 ${seedOf(0)}`)
  const dataDir = makeDataDir()
  let child = await startChild(dataDir, 'busy')
  await child.arm(null)
  const sample = await sendOrBreak(doors[0], child.url, distinctRecord())
  const momentsPerUpload = await child.countMoments()
  const all: Sent[] = [sample]
  let last: Sent[] = [sample]

  for (let round = 0; round < rounds; round++) {
    all.push(await sendOrBreak(doors[0], child.url, distinctRecord()))
    const uploads = random.integer(1, 3)
    const records = Array.from({ length: uploads }, () => distinctRecord())
    // Two that come at once with the same content, or even the same uuid, meet in the blob store.
    const twin = records[0]
    if (twin && random.integer(0, 2) === 0) records.push({ ...twin, uuid: randomUUID() })
    const ways = records.map((record) => ({ record, door: random.pick(doors) }))
    if (random.integer(0, 1) === 0) {
      // Some moments lie behind the last answer: the server dies when nobody talks to it.
      const moment: Moment = { count: random.integer(1, Math.ceil(momentsPerUpload * records.length * 1.1)) }
      await child.arm(moment)
      last = await Promise.all(ways.map(({ record, door }) => sendOrBreak(door, child.url, record)))
      child.kill()
    } else {
      const [{ record, door } = { record: distinctRecord(), door: doors[0] }] = ways
      last = [await cutAfterBytes(child, door, record, (bytes) => random.integer(0, bytes))]
    }
    await child.ended
    child = await recover(dataDir, last, {}, 'busy')
    all.push(...last)
  }
  child.kill()
  await child.ended

  const survivor = await startChild(dataDir)
  expect(new Set(await visibleBuilds(survivor.url))).toEqual(new Set(all.map(({ record }) => record.uuid)))
  for (const { record } of all) await expectWhole(survivor.url, record)
  // The rounds tell something only if uploads of both kinds were among them.
  const acknowledged = all.filter(({ verdict }) => verdict === 'stored').length
  expect(acknowledged).toBeGreaterThan(rounds)
  expect(all.length - acknowledged).toBeGreaterThan(isLong ? rounds / 3 : 0)
  expectSound(dataDir)
})

/** Send as many bytes of a request as `choose` says, of as many as it has, and kill the server then. */
async function cutAfterBytes(
  child: ServerChild,
  door: Door,
  record: ExecRecord,
  choose: (bytes: number) => number,
): Promise<Sent> {
  const body = Buffer.concat([door.before, await bytesOf(encodeExecRecord(record)), door.after])
  const request = Buffer.concat([headOf(door, child.url, { 'Content-Length': body.length }), body])
  const { hostname, port } = new URL(child.url)
  const socket = connect(Number(port), hostname)
  let received = ''
  socket.on('data', (bytes) => (received += bytes.toString()))
  // The server's death resets the connection.
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await once(socket, 'connect')
  await new Promise((resolve) => socket.write(request.subarray(0, choose(request.length)), resolve))
  child.kill()
  await closed
  const isStored = received.startsWith('HTTP/1.1 201') || received.includes('UploadBuildSuccess')
  return { record, door, verdict: isStored ? 'stored' : 'unanswered' }
}
