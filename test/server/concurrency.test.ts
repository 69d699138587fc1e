import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { bytesOf } from '../app.ts'
import { doors, send, type Verdict } from '../durability/doors.ts'
import { startWatched } from '../durability/server.ts'
import {
  askGraphQL,
  expectBlobsSound,
  expectWhole,
  filesBelow,
  sha256,
  visibleBuilds,
} from '../durability/stored.ts'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { file, sampleRecord } from '../record.ts'

const shared = Buffer.alloc(200_000, 'the same in every build')

/** Of two jobs on two platforms, so that uploads meet in every row that they share. */
function recordOf(n: number, uuid: string = randomUUID()): ExecRecord {
  return sampleRecord({
    uuid,
    job: `job-${n % 2}`,
    platform: `platform-${n % 3}`,
    startedAt: new Date(Date.UTC(2026, 10, 1, 0, n)),
    script: Buffer.from('#!/bin/sh\n'),
    artifacts: [file('bin/shared', shared), file('copy-of-shared', shared), file('own', `only in ${n}`)],
  })
}

test('of two hundred uploads at once, fifty with the same uuid, one of those is stored and all others', async () => {
  const server = await startWatched()
  const uuid = randomUUID()
  // The fifty differ in content: what is seen of the one must not be a mixture.
  const same = Array.from({ length: 50 }, (_, n) => recordOf(n, uuid))
  const distinct = Array.from({ length: 150 }, (_, n) => recordOf(50 + n))
  const interleaved = distinct.flatMap((record, n) =>
    n % 3 === 0 ? [record, same[n / 3] ?? record] : [record],
  )
  expect(new Set(interleaved).size).toBe(200)

  const answers = await Promise.all(
    interleaved.map(async (record, n) => {
      const door = doors[n % 2] ?? doors[0]
      const { verdict } = await send(door, server.url, await bytesOf(encodeExecRecord(record)))
      return { record, verdict }
    }),
  )

  const told = (records: readonly ExecRecord[], verdict: Verdict) =>
    answers.filter((answer) => answer.verdict === verdict && records.includes(answer.record))
  expect(told(distinct, 'stored')).toHaveLength(150)
  expect(told(same, 'stored')).toHaveLength(1)
  expect(told(same, 'exists')).toHaveLength(49)
  const [winner] = told(same, 'stored')

  const stored = [...distinct, ...(winner ? [winner.record] : [])]
  expect(stored).toHaveLength(151)
  expect(new Set(await visibleBuilds(server.url))).toEqual(new Set(stored.map((record) => record.uuid)))
  for (const record of stored) await expectWhole(server.url, record)

  const { blobDir, stagingDir } = server.config
  await expect.poll(() => filesBelow(stagingDir)).toEqual([])
  expect(filesBelow(blobDir).filter((path) => path.endsWith(sha256(shared)))).toHaveLength(1)
  expectBlobsSound(blobDir)
  expect(server.errors).toEqual([])
})

test('counts and newest builds are right after concurrent uploads', async () => {
  const server = await startWatched()
  const records = Array.from({ length: 40 }, (_, n) => recordOf(n))
  await Promise.all(
    records.map(async (record) => send(doors[0], server.url, await bytesOf(encodeExecRecord(record)))),
  )
  const { jobs } = await askGraphQL<{
    jobs: {
      nodes: { name: string; standings: { platform: { name: string }; newestBuild: { uuid: string } }[] }[]
    }
  }>(server.url, '{ jobs { nodes { name standings { platform { name } newestBuild { uuid } } } } }')
  const seen = jobs.nodes.flatMap(({ name, standings }) =>
    standings.map(({ platform, newestBuild: { uuid } }) => ({ job: name, platform: platform.name, uuid })),
  )
  const newest = new Map(records.map((record) => [`${record.job} ${record.platform}`, record]))
  const expected = [...newest.values()].map(({ job, platform, uuid }) => ({ job, platform, uuid }))
  const byKey = (a: { job: string; platform: string }, b: { job: string; platform: string }) =>
    `${a.job} ${a.platform}` < `${b.job} ${b.platform}` ? -1 : 1
  expect(seen.toSorted(byKey)).toEqual(expected.toSorted(byKey))
})
