import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryBlobStore } from '../../server/blobs/memory-blob-store.ts'
import { indexRecordBytes, writeIndexRecord } from '../../server/builds/console-line.ts'
import { entryBitsSizeBytes, readEntryBits } from '../../server/builds/entry-bits.ts'

async function bitsOf(isContinuation: readonly boolean[], range?: { start: number; end: number }) {
  const index = Buffer.alloc(isContinuation.length * indexRecordBytes)
  isContinuation.forEach((it, line) =>
    writeIndexRecord(index, line * indexRecordBytes, line * 10, it, Buffer.alloc(8)),
  )
  const blobs = memoryBlobStore()
  const staged = await blobs.stage(
    (async function* () {
      yield index
    })(),
  )
  await blobs.commit([staged])
  const stored = { consoleIndexSha256: staged.id, consoleLineCount: isContinuation.length }
  const whole = { start: 0, end: entryBitsSizeBytes(isContinuation.length) }
  const chunks = []
  for await (const chunk of readEntryBits({ blobs }, stored, range ?? whole)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

test.each<[name: string, isContinuation: boolean[], bits: number[]]>([
  ['no line', [], []],
  ['an entry', [false], [0b1000_0000]],
  ['an entry of three lines, and another', [false, true, true, false], [0b1001_0000]],
  ['nine lines', [false, false, false, false, false, false, false, true, false], [0b1111_1110, 0b1000_0000]],
])('where entries begin: %s', async (_name, isContinuation, bits) => {
  expect([...(await bitsOf(isContinuation))]).toEqual(bits)
})

test('a range is that part of the whole', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 100 }),
      fc.nat(12),
      fc.nat(13),
      async (lines, a, b) => {
        const size = entryBitsSizeBytes(lines.length)
        const [start = 0, end = 0] = [Math.min(a, size), Math.min(b, size)].sort((x, y) => x - y)
        const whole = await bitsOf(lines)
        expect(whole.length).toBe(size)
        expect(await bitsOf(lines, { start, end })).toEqual(whole.subarray(start, end))
      },
    ),
    { seed: 1, numRuns: 100 },
  )
})
