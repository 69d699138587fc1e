import { mkdtemp, readdir, rm } from 'node:fs/promises'
import * as nodeFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { memoryBlobStore } from '../../server/blobs/memory-blob-store.ts'
import { linePrefix, readIndexRecord } from '../../server/builds/console-line.ts'
import { consoleSpool, type ConsoleSpool } from '../../server/builds/console-spool.ts'
import { lineLimitBytes, readConsoleLines, type StoredConsole } from '../../server/builds/console.ts'
import type { SpoolFileSystem } from '../../server/builds/spool-file.ts'
import { StorageFullError } from '../../server/errors.ts'

const root = await mkdtemp(join(tmpdir(), 'console-'))
afterAll(() => rm(root, { recursive: true }))

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(root, 'spool-'))
})

type Entry = { deltaNs: bigint; text: Uint8Array }

const entry = (deltaNs: number | bigint, text: string): Entry => ({
  deltaNs: BigInt(deltaNs),
  text: Buffer.from(text),
})

/** Adds what is given oldest first in the order of a record, through one buffer that is reused. */
async function fill(spool: ConsoleSpool, oldestFirst: readonly Entry[]) {
  const reused = new Uint8Array(Math.max(0, ...oldestFirst.map(({ text }) => text.length)))
  for (const { deltaNs, text } of oldestFirst.toReversed()) {
    reused.set(text)
    await spool.add(deltaNs, reused.subarray(0, text.length))
    reused.fill(0x58, 0, text.length)
  }
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

async function outputOf(oldestFirst: readonly Entry[], memoryBytes?: number) {
  const spool = consoleSpool({ dir, memoryBytes })
  try {
    await fill(spool, oldestFirst)
    const { lineCount, entryCount } = spool
    return { text: await bytesOf(spool.text()), index: await bytesOf(spool.index()), lineCount, entryCount }
  } finally {
    await spool.dispose()
  }
}

/** The same, with everything in memory at once. */
function modelOf(oldestFirst: readonly Entry[]) {
  const text: Buffer[] = []
  const index: Buffer[] = []
  let offset = 0
  for (const { deltaNs, text: bytes } of oldestFirst) {
    const line = Buffer.concat([Buffer.from(linePrefix(Number(deltaNs))), bytes, Buffer.from('\n')])
    text.push(line)
    let isContinuation = false
    for (let at = 0; at < line.length; at = line.indexOf('\n', at) + 1) {
      const record = Buffer.alloc(16)
      record.writeBigUInt64BE((BigInt(offset + at) << 1n) | (isContinuation ? 1n : 0n))
      record.writeBigInt64BE(deltaNs, 8)
      index.push(record)
      isContinuation = true
    }
    offset += line.length
  }
  return {
    text: Buffer.concat(text),
    index: Buffer.concat(index),
    lineCount: index.length,
    entryCount: oldestFirst.length,
  }
}

const entries = fc.array(
  fc.record({
    deltaNs: fc.oneof(
      fc.bigInt({ min: 0n, max: 10n ** 13n }),
      // What an integer of OCaml holds.
      fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n - 1n }),
    ),
    text: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .string({ unit: fc.constantFrom('a', '\n', 'ü', '🐫', '\r'), maxLength: 30 })
        .map((s) => Buffer.from(s)),
      fc.uint8Array({ minLength: 200, maxLength: 600 }),
    ),
  }),
  { maxLength: 60, size: 'max' },
)

describe('the spool', () => {
  test.each([
    ['in memory', undefined],
    ['spilled, some entries larger than the memory', 256],
    ['spilled, each entry larger than the memory', 12],
  ])('turns any console round, with its index: %s', async (_case, memoryBytes) => {
    await fc.assert(
      fc.asyncProperty(entries, async (oldestFirst) => {
        const model = modelOf(oldestFirst)
        const output = await outputOf(oldestFirst, memoryBytes)
        expect(output.text.equals(model.text)).toBe(true)
        expect(output.index.equals(model.index)).toBe(true)
        expect(output).toMatchObject({ lineCount: model.lineCount, entryCount: model.entryCount })
      }),
      { seed: 20261123, numRuns: 150 },
    )
  })

  test('writes the time as seconds with three digits', async () => {
    const { text } = await outputOf([
      entry(0, 'start'),
      entry(1_234_567_890, 'café: a:b'),
      entry(61_500_000_000, ''),
    ])
    expect(text.toString()).toBe('0.000s:start\n1.235s:café: a:b\n61.500s:\n')
  })

  test('an empty console has no lines', async () => {
    expect(await outputOf([])).toEqual({
      text: Buffer.alloc(0),
      index: Buffer.alloc(0),
      lineCount: 0,
      entryCount: 0,
    })
  })

  test('lines within an entry are continuations of the same time', async () => {
    const { text, index, lineCount } = await outputOf([entry(1e9, 'a\nb\n'), entry(2e9, 'c')])
    expect(text.toString()).toBe('1.000s:a\nb\n\n2.000s:c\n')
    expect(lineCount).toBe(4)
    expect([0, 16, 32, 48].map((at) => readIndexRecord(index, at))).toEqual([
      { offsetBytes: 0, isContinuation: false, deltaNs: 10n ** 9n },
      { offsetBytes: 9, isContinuation: true, deltaNs: 10n ** 9n },
      { offsetBytes: 11, isContinuation: true, deltaNs: 10n ** 9n },
      { offsetBytes: 12, isContinuation: false, deltaNs: 2n * 10n ** 9n },
    ])
  })

  test('makes no file for a console that fits in memory', async () => {
    const spool = consoleSpool({ dir })
    await fill(
      spool,
      Array.from({ length: 10_000 }, (_, i) => entry(i, `line ${i}`)),
    )
    expect(await readdir(dir)).toEqual([])
    await spool.dispose()
  })

  test('removes its file, also when disposed twice', async () => {
    const spool = consoleSpool({ dir, memoryBytes: 100 })
    await fill(
      spool,
      Array.from({ length: 100 }, (_, i) => entry(i, `line ${i}`)),
    )
    expect(await readdir(dir)).toHaveLength(1)
    await spool.dispose()
    await spool.dispose()
    expect(await readdir(dir)).toEqual([])
  })

  test('yields chunks of bounded size, also for an entry of only line breaks', async () => {
    const spool = consoleSpool({ dir, memoryBytes: 64 * 1024 })
    await fill(spool, [
      entry(1, '\n'.repeat(3_000_000)),
      ...Array.from({ length: 50_000 }, (_, i) => entry(i, '')),
    ])
    let indexBytes = 0
    for await (const chunk of spool.index()) {
      expect(chunk.length).toBeLessThanOrEqual(64 * 1024)
      indexBytes += chunk.length
    }
    expect(indexBytes).toBe(3_050_001 * 16)
    await spool.dispose()
  })

  test('says that the disk is full, and leaves nothing behind', async () => {
    const fs: SpoolFileSystem = {
      ...nodeFs,
      async open(...args) {
        const handle = await nodeFs.open(...args)
        handle.writev = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }))
        return handle
      },
    }
    const spool = consoleSpool({ dir, memoryBytes: 100, fs })
    await expect(fill(spool, [entry(1, 'x'.repeat(60)), entry(2, 'y'.repeat(60))])).rejects.toThrow(
      StorageFullError,
    )
    await spool.dispose()
    expect(await readdir(dir)).toEqual([])
  })
})

test.each([
  [0n, '0.000s:'],
  [1_234_499_999n, '1.234s:'],
  [1_234_500_000n, '1.234s:'], // the nearest double is just below the tie
  [62_500_000n, '0.062s:'], // a tie: the even digit
  [187_500_000n, '0.188s:'],
  [-62_500_000n, '-0.062s:'],
  [-1n, '-0.000s:'],
  [9_223_372_036_854_775_807n, '9223372036.855s:'],
])('%i ns is written as C does: %s', (deltaNs, prefix) => {
  expect(linePrefix(Number(deltaNs))).toBe(prefix)
})

describe('reading lines', () => {
  async function store(oldestFirst: readonly Entry[]) {
    const blobs = memoryBlobStore()
    const spool = consoleSpool({ dir })
    await fill(spool, oldestFirst)
    const text = await blobs.stage(spool.text())
    const index = await blobs.stage(spool.index())
    await blobs.commit([text, index])
    await spool.dispose()
    const stored: StoredConsole = {
      consoleSha256: text.id,
      consoleSizeBytes: BigInt(text.sizeBytes),
      consoleIndexSha256: index.id,
      consoleLineCount: spool.lineCount,
    }
    /** How many bytes of which blob were asked for. */
    const opened: { id: string; bytes: number }[] = []
    const watched = {
      ...blobs,
      open: (...[id, range]: Parameters<typeof blobs.open>) => {
        opened.push({ id, bytes: range ? range.end - range.start : Infinity })
        return blobs.open(id, range)
      },
    }
    const read = (start: number, count: number) =>
      readConsoleLines({ blobs: watched }, stored, { start, count })
    return { read, opened, textId: text.id }
  }

  test('returns number, time and text of each line, without the time prefix', async () => {
    const { read } = await store([entry(1_500_000, '1.000s:x'), entry(2e9, 'a\nb'), entry(-5e8, '')])
    expect(await read(0, 10)).toEqual([
      { number: 1, offsetMs: 1.5, text: '1.000s:x' },
      { number: 2, offsetMs: 2000, text: 'a' },
      { number: 3, offsetMs: 2000, text: 'b' },
      { number: 4, offsetMs: -500, text: '' },
    ])
  })

  test('any window equals that part of the whole', async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.nat(100), fc.nat(100), async (oldestFirst, start, count) => {
        const { read } = await store(oldestFirst)
        const whole = await read(0, Number.MAX_SAFE_INTEGER)
        expect(whole.map(({ text }) => text)).toEqual(
          oldestFirst.flatMap(({ text }) =>
            splitLines(text).map((line) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(line)),
          ),
        )
        expect(await read(start, count)).toEqual(whole.slice(start, start + count))
      }),
      { seed: 20261123, numRuns: 100 },
    )
  })

  test('outside of the console there is nothing', async () => {
    const { read } = await store([entry(0, 'only')])
    expect(await read(1, 10)).toEqual([])
    expect(await read(0, 0)).toEqual([])
    expect(await (await store([])).read(0, 10)).toEqual([])
  })

  test('bytes that are not UTF-8 become U+FFFD, and a byte order mark stays', async () => {
    const { read } = await store([{ deltaNs: 0n, text: Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62]) }])
    expect((await read(0, 1))[0]?.text).toBe('\ufeffa\ufffdb')
  })

  test('reads one stretch of the file, no more than the lines that are asked for', async () => {
    const { read, opened, textId } = await store(
      Array.from({ length: 20_000 }, (_, i) => entry(i * 1e6, `line ${i}`)),
    )
    const lines = await read(12_345, 3)
    expect(lines.map(({ text }) => text)).toEqual(['line 12345', 'line 12346', 'line 12347'])
    expect(opened.filter(({ id }) => id === textId)).toEqual([
      { id: textId, bytes: 3 * '12.345s:line 12345\n'.length - 9 },
    ])
    expect(opened.filter(({ id }) => id !== textId).map(({ bytes }) => bytes)).toEqual([4 * 16])
  })

  test('a long line is cut, says so, and its rest is not read', async () => {
    const hidden = 5_000_000
    const { read, opened, textId } = await store([
      entry(0, 'before'),
      entry(1e9, 'x'.repeat(lineLimitBytes + hidden)),
      entry(2e9, 'after'),
    ])
    const lines = await read(0, 3)
    expect(lines.map(({ text }) => text)).toEqual([
      'before',
      `${'x'.repeat(lineLimitBytes)} [${hidden} more bytes of this line: see the raw console]`,
      'after',
    ])
    const textBytes = opened.filter(({ id }) => id === textId).reduce((sum, { bytes }) => sum + bytes, 0)
    expect(textBytes).toBeLessThan(lineLimitBytes + 100)
  })

  test('a line of just the limit is whole', async () => {
    const { read } = await store([entry(0, 'x'.repeat(lineLimitBytes)), entry(1, 'next')])
    expect((await read(0, 2)).map(({ text }) => text.length)).toEqual([lineLimitBytes, 4])
  })

  test('a cut never splits a character', async () => {
    const { read } = await store([entry(0, `x${'ü'.repeat(lineLimitBytes)}`)])
    expect((await read(0, 1))[0]?.text).toMatch(/^xü+ \[\d+ more bytes of this line: see the raw console\]$/)
  })
})

function splitLines(text: Uint8Array): Uint8Array[] {
  const lines = []
  let start = 0
  for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, start)) {
    lines.push(text.subarray(start, at))
    start = at + 1
  }
  return [...lines, text.subarray(start)]
}
