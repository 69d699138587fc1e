import { statfsSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { makeDataDir } from '../durability/data-dir.ts'
import { doors, send, type Door } from '../durability/doors.ts'
import { startChild } from '../durability/server-child.ts'
import { askGraphQL } from '../durability/stored.ts'
import {
  encodeExecRecord,
  execRecordSizeBytes,
  type ExecRecord,
} from '../../server/formats/exec-record-encoder.ts'
import { isLong } from '../long.ts'
import { sampleRecord } from '../record.ts'

const mebibyte = 1024 ** 2
const { bavail, bsize } = statfsSync(tmpdir())
const hasRoom = bavail * bsize >= 4 * 1024 * mebibyte
/** Several times the bound, so that what is kept of a stream exceeds it; with test:long, 1 GiB in all. */
const largeMiB = isLong ? 900 : 200
const isLinux = process.platform === 'linux'

/** `sizeBytes` of content, made while it is sent. */
function* content(sizeBytes: number): Generator<Uint8Array> {
  for (let left = sizeBytes; left > 0; left -= mebibyte) {
    yield Buffer.alloc(Math.min(mebibyte, left), `${left} bytes to come\n`)
  }
}

function recordOf(artifactBytes: readonly number[]): ExecRecord {
  return sampleRecord({
    artifacts: artifactBytes.map((sizeBytes, n) => ({
      path: n === 0 ? 'bin/large.hvt' : `file-${n}`,
      sizeBytes,
      data: () => content(sizeBytes),
    })),
  })
}

function sendRecord(door: Door, url: string, record: ExecRecord) {
  return send(door, url, encodeExecRecord(record), execRecordSizeBytes(record))
}

describe.skipIf(!isLinux || !hasRoom)('with Linux, and 4 GiB of room', () => {
  test.each(doors)(
    'while a large record streams in by $name, memory stays within 64 MiB above idle',
    async (door) => {
      const child = await startChild(makeDataDir(), 'plain')
      // What is loaded and compiled at the first upload is no cost of the large one.
      for (let n = 0; n < 5; n++) {
        const warmUp = recordOf([mebibyte, 20_000, 0])
        expect(await sendRecord(door, child.url, warmUp)).toMatchObject({ verdict: 'stored' })
      }
      await child.collectGarbage()
      const idle = child.memory().now
      child.resetPeak()
      const record = recordOf([largeMiB * mebibyte, 100, 123 * mebibyte, mebibyte])
      expect(await sendRecord(door, child.url, record)).toMatchObject({ verdict: 'stored' })
      const growth = (child.memory().peak - idle) / mebibyte
      expect(growth).toBeLessThanOrEqual(64)
      const { build } = await askGraphQL<{ build: { artifacts: { nodes: { sizeBytes: number }[] } } }>(
        child.url,
        `query ($uuid: UUID!) { build(uuid: $uuid) { artifacts { nodes { sizeBytes } } } }`,
        { uuid: record.uuid },
      )
      const stored = build.artifacts.nodes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      expect(stored).toBe((largeMiB + 124) * mebibyte + 100)
    },
    300_000,
  )

  test.each(['exec', 'all.tar.gz'])(
    'while a large build with 200,000 lines streams out as %s, memory stays within 64 MiB above idle',
    async (name) => {
      const child = await startChild(makeDataDir(), 'plain')
      const sizeBytes = (isLong ? 256 : 128) * mebibyte
      const record = {
        ...recordOf([sizeBytes, 100]),
        console: Array.from({ length: 200_000 }, (_, n) => ({
          deltaNs: BigInt(n) * 1_000_000n,
          text: Buffer.from(`line ${n}`),
        })),
      }
      expect(await sendRecord(doors[0], child.url, record)).toMatchObject({ verdict: 'stored' })
      const path = `/job/${record.job}/build/${record.uuid}/${name}`
      const fetchAll = () =>
        new Promise<number>((resolve, reject) => {
          get(child.url + path, (response) => {
            let received = 0
            response.on('data', (chunk: Uint8Array) => (received += chunk.length))
            response.on('end', () => resolve(received)).on('error', reject)
          }).on('error', reject)
        })
      // What is loaded and compiled at the first download is no cost of a large one.
      await fetchAll()
      await child.collectGarbage()
      const idle = child.memory().now
      child.resetPeak()
      const received = await fetchAll()
      if (name === 'exec') expect(received).toBeGreaterThan(sizeBytes)
      expect((child.memory().peak - idle) / mebibyte).toBeLessThanOrEqual(64)
    },
    300_000,
  )
})
