import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pLimit from 'p-limit'
import { uploadRecord } from '../demo/upload-record.ts'
import type { ExecRecord } from '../server/formats/exec-record-encoder.ts'
import type { Measurement } from './report.ts'
import { makeDataDir, prepareDatabase, startServerProcess, user } from './server-process.ts'
import { countWaiting, until } from './waiting-analyses.ts'

const mebibyte = 1024 ** 2
const bigBytes = 500 * mebibyte

/** Created once, so that the benchmark measures the server and not the generation of random bytes. */
const randomPiece = randomBytes(mebibyte)

/** `sizeBytes` of content that is not compressible and not equal to other content, in pieces of 1 MiB. */
function* content(sizeBytes: number): Generator<Uint8Array> {
  for (let left = sizeBytes; left > 0; left -= mebibyte) {
    const piece = Uint8Array.from(randomPiece.subarray(0, Math.min(mebibyte, left)))
    piece.set(randomBytes(Math.min(16, piece.length)))
    yield piece
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

/** Upper limit of this machine: the same bytes hashed and written to a file in Node.js. */
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

/**
 * Uploads a second at best: as many files of the same sizes as an upload leaves, hashed, written, made durable
 * and renamed by Node, 4 at a time, with neither a network nor a database.
 */
async function bareFilesSpeed(uploads: number, artifactBytes: number, artifacts: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'builder-hub-bench-'))
  // Script, console and its index are files too.
  const sizes = [...Array.from({ length: artifacts }, () => artifactBytes), 10, 10_000, 3_200]
  const storeOne = async () => {
    for (const sizeBytes of sizes) {
      const pieces = [...content(sizeBytes)]
      const hash = createHash('sha256')
      for (const piece of pieces) hash.update(piece)
      const name = hash.digest('hex')
      const staged = join(dir, name)
      const file = await open(staged, 'wx')
      await file.writev(pieces)
      await file.sync()
      await file.close()
      const folder = join(dir, `blobs-${name.slice(0, 2)}`)
      await mkdir(folder, { recursive: true })
      await rename(staged, join(folder, name))
      await syncFolder(folder)
    }
  }
  const atATime = pLimit(4)
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: uploads }, () => atATime(storeOne)))
  const seconds = (performance.now() - startedAt) / 1000
  rmSync(dir, { recursive: true })
  return uploads / seconds
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  await handle.sync()
  await handle.close()
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
  const db = new Database(dataDir.databaseFile, { readonly: true })
  try {
    const typical = 200
    const atATime = pLimit(4)
    const uploadMany = () =>
      Promise.all(
        Array.from({ length: typical }, () =>
          atATime(() => uploadRecord(server.url, user, record(0.25 * mebibyte, 8))),
        ),
      )
    // A server that runs for years has its code compiled, and nothing left to analyse.
    await uploadMany()
    await until(() => countWaiting(db) === 0)
    const startedAt = performance.now()
    await uploadMany()
    const perSecond = typical / ((performance.now() - startedAt) / 1000)
    const bareFiles = await bareFilesSpeed(typical, 0.25 * mebibyte, 8)

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
        what: 'the same, beside the bare files',
        value: perSecond,
        unit: '/s',
        against: {
          what: `0.5 × hash, write, sync (${bareFiles.toFixed(0)}/s)`,
          value: 0.5 * bareFiles,
          wanted: 'at least',
        },
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
    db.close()
    await server.stop()
    dataDir.remove()
  }
}
