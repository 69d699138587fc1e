import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { toBlobId } from '../../../server/blobs/blob-store.ts'
import { findFirstDifference } from '../../../server/blobs/first-difference.ts'

/** A blob that arrives in pieces of the given size. */
function blob(id: string, bytes: Uint8Array | null, pieceBytes: number) {
  const opened: Readable[] = []
  const blobs = {
    async open() {
      if (!bytes) return null
      const pieces: Uint8Array[] = []
      for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.slice(at, at + pieceBytes))
      const stream = Readable.from(pieces, { objectMode: false })
      opened.push(stream)
      return stream
    },
  }
  return { place: { blobs, id: toBlobId(id.repeat(64)) }, opened }
}

const same = Buffer.alloc(100_000, 'x')
function changedAt(...offsets: number[]): Buffer {
  const changed = Buffer.from(same)
  for (const at of offsets) changed[at] = 0
  return changed
}

test.each([
  ['the first byte', changedAt(0, 5), 0],
  ['a byte in the middle', changedAt(77_777, 90_000), 77_777],
  ['the last byte', changedAt(99_999), 99_999],
  ['nothing: the same bytes under another name', same, null],
  ['the end: one begins with the other', same.subarray(0, 60_000), 60_000],
  ['the end: one is empty', Buffer.alloc(0), 0],
])('finds %s, however the bytes arrive', async (_name, other, offset) => {
  for (const [pieceBytes, otherPieceBytes] of [
    [1_000_000, 1_000_000],
    [7_000, 4_096],
    [333, 65_536],
  ] as const) {
    const left = blob('a', same, pieceBytes)
    const right = blob('b', other, otherPieceBytes)
    expect(await findFirstDifference(left.place, right.place)).toBe(offset)
    expect(await findFirstDifference(right.place, left.place)).toBe(offset)
    expect([...left.opened, ...right.opened].every(({ destroyed }) => destroyed)).toBe(true)
  }
})

test('equal hashes are equal content: nothing is read', async () => {
  const left = blob('a', same, 1_000)
  expect(await findFirstDifference(left.place, left.place)).toBeNull()
  expect(left.opened).toEqual([])
})

test('a blob that is missing is an error, and the other one is closed', async () => {
  const left = blob('a', same, 1_000)
  await expect(findFirstDifference(left.place, blob('b', null, 1).place)).rejects.toThrow(
    /blob b+ is damaged: its file is missing/,
  )
  expect(left.opened[0]?.destroyed).toBe(true)
})
