import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { uploadRecord } from '../demo/upload-record.ts'
import type { ExecRecord } from '../server/formats/exec-record-encoder.ts'
import type { Measurement } from './report.ts'
import { makeDataDir, prepareDatabase, startServerProcess, user } from './server-process.ts'

const mebibyte = 1024 ** 2
const bigBytes = 500 * mebibyte

/** `sizeBytes` of content that is not compressible and not equal to other content, in pieces of 1 MiB. */
function* content(sizeBytes: number): Generator<Uint8Array> {
  const piece = randomBytes(Math.min(mebibyte, sizeBytes))
  for (let left = sizeBytes; left > 0; left -= piece.length) {
    piece.writeUInt32LE(left % 2 ** 32)
    yield Uint8Array.from(piece.subarray(0, Math.min(left, piece.length)))
  }
}

/** A build of the job `bench`, just now, whose artifacts are new to the site. */
export function record(artifactBytes: number, artifacts: number): ExecRecord {
  const startedAt = new Date()
  return {
    job: 'bench',
    platform: 'debian-12',
    uuid: randomUUID(),
    startedAt,
    finishedAt: new Date(startedAt.getTime() + 1000),
    result: { kind: 'exited', code: 0n },
    script: Buffer.from('#!/bin/sh\n'),
    console: Array.from({ length: 200 }, (_, n) => ({
      deltaNs: BigInt(n) * 1_000_000n,
      text: Buffer.from(`line ${n} of a build that tells what it does`),
    })),
    artifacts: Array.from({ length: artifacts }, (_, n) => ({
      path: n === 0 ? 'bin/bench.hvt' : `file-${n}`,
      sizeBytes: artifactBytes,
      data: () => content(artifactBytes),
    })),
  }
}

/** What this machine can do at best: the same bytes hashed and written to a file, in Node. */
async function hashAndWriteSpeed(sizeBytes: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'builder-hub-bench-'))
  const startedAt = performance.now()
  const hash = createHash('sha256')
  const file = await open(join(dir, 'file'), 'w')
  for (const piece of content(sizeBytes)) {
    hash.update(piece)
    await file.write(piece)
  }
  await file.sync()
  await file.close()
  hash.digest()
  const seconds = (performance.now() - startedAt) / 1000
  rmSync(dir, { recursive: true })
  return sizeBytes / mebibyte / seconds
}

/** By how many MiB a process grows whose very first request is an upload of 500 MB. */
async function firstUploadGrowth(): Promise<number> {
  const dataDir = makeDataDir()
  await prepareDatabase(dataDir)
  const server = await startServerProcess(dataDir)
  try {
    const idle = server.memory().now
    server.resetPeak()
    await uploadRecord(server.url, user, record(bigBytes, 1))
    return (server.memory().peak - idle) / mebibyte
  } finally {
    await server.stop()
    dataDir.remove()
  }
}

export async function measureUploads(): Promise<Measurement[]> {
  const firstGrowth = await firstUploadGrowth()
  const dataDir = makeDataDir()
  await prepareDatabase(dataDir)
  const server = await startServerProcess(dataDir)
  try {
    for (let n = 0; n < 20; n++) await uploadRecord(server.url, user, record(0.25 * mebibyte, 8))

    const typical = 200
    const atATime = pLimit(4)
    const startedAt = performance.now()
    await Promise.all(
      Array.from({ length: typical }, () =>
        atATime(() => uploadRecord(server.url, user, record(0.25 * mebibyte, 8))),
      ),
    )
    const perSecond = typical / ((performance.now() - startedAt) / 1000)

    const limit = await hashAndWriteSpeed(bigBytes)
    const idle = server.memory().now
    server.resetPeak()
    const bigStartedAt = performance.now()
    await uploadRecord(server.url, user, record(bigBytes, 1))
    const speed = 500 / ((performance.now() - bigStartedAt) / 1000)
    const growth = (server.memory().peak - idle) / mebibyte
    return [
      {
        what: 'upload of 2 MB in 8 artifacts, 4 at a time',
        value: perSecond,
        unit: '/s',
        against: { what: 'budget', value: 50, wanted: 'at least' },
      },
      {
        what: 'upload of 500 MB',
        value: speed,
        unit: 'MiB/s',
        against: {
          what: `0.5 × hash + write (${limit.toFixed(0)} MiB/s)`,
          value: 0.5 * limit,
          wanted: 'at least',
        },
      },
      {
        what: 'memory over idle meanwhile',
        value: growth,
        unit: 'MiB',
        against: { what: 'budget', value: 64, wanted: 'at most' },
      },
      {
        what: 'memory over idle, when it is the first request',
        value: firstGrowth,
        unit: 'MiB',
        against: { what: 'budget', value: 64, wanted: 'at most' },
      },
    ]
  } finally {
    await server.stop()
    dataDir.remove()
  }
}
