import { expect, test } from 'vitest'
import { MalformedError, RecordTooLargeError } from '../../../server/errors.ts'
import {
  encodeFrame,
  type FrameLimits,
  FrameReader,
  frameLength,
} from '../../../server/formats/builder-frames.ts'
import { chunksOf, join } from '../whole-record.ts'

const limits: FrameLimits = {
  anyBytes: 1_000,
  wholeBytes: 500,
  bytesOf: (tag) => (tag === 0xa4 ? 1_000 : 10),
}
const hello = Buffer.from('af020500', 'hex')
const line = Buffer.concat([Buffer.from('a4', 'hex'), Buffer.alloc(300, 'x')])

function reader(bytes: Uint8Array, nextSize?: () => number) {
  const source = chunksOf(bytes, nextSize)[Symbol.asyncIterator]()
  const waits: boolean[] = []
  const frames = new FrameReader(async (isMidFrame) => {
    waits.push(isMidFrame)
    const next = await source.next()
    return next.done === true ? null : next.value
  }, limits)
  return { frames, waits }
}

test.each([1, 3, 8, 9, 4_096])('frames are read in pieces of %d bytes', async (size) => {
  const { frames } = reader(
    Buffer.concat([encodeFrame(hello), encodeFrame(line), encodeFrame(hello)]),
    () => size,
  )
  expect(await frames.open()).toEqual({ tag: 0xaf, sizeBytes: 4 })
  expect(Buffer.from(await frames.read())).toEqual(hello)
  expect(await frames.open()).toEqual({ tag: 0xa4, sizeBytes: 301 })
  expect(await join(frames.chunks())).toEqual(line)
  expect(await frames.open()).toEqual({ tag: 0xaf, sizeBytes: 4 })
  await frames.skip()
  expect(await frames.open()).toBe(null)
})

test('what waits knows whether a part of a frame is there', async () => {
  const { frames, waits } = reader(encodeFrame(hello), () => 9)
  await frames.open()
  await frames.read()
  await frames.open()
  expect(waits).toEqual([false, true, false])
})

test('frames that have arrived are taken without a wait, if they are of the kind', async () => {
  const { frames } = reader(Buffer.concat([line, line, hello].map(encodeFrame)))
  await frames.open()
  await frames.read()
  expect(frames.takeArrived(0xaf)).toBe(null)
  expect(frames.takeArrived(0xa4)).toEqual(line)
  expect(frames.takeArrived(0xa4)).toBe(null)
  expect(await frames.open()).toEqual({ tag: 0xaf, sizeBytes: 4 })
})

test('half a frame is not taken', async () => {
  const { frames } = reader(Buffer.concat([encodeFrame(line), encodeFrame(line).subarray(0, 20)]))
  await frames.open()
  await frames.read()
  expect(frames.takeArrived(0xa4)).toBe(null)
  await expect(frames.open().then(() => frames.read())).rejects.toThrow('ends within a frame')
})

test.each([
  ['a length of nothing', frameLength(0), 'a frame has the length 0'],
  ['a negative length', Buffer.alloc(8, 0xff), 'a frame has the length -1'],
  ['half a length', Buffer.alloc(4), 'the connection ends within the length of a frame'],
  ['a length without content', frameLength(5), 'the connection ends within a frame'],
])('%s is refused', async (_name, bytes, reason) => {
  const fault: unknown = await reader(bytes)
    .frames.open()
    .catch((error: unknown) => error)
  expect(fault).toBeInstanceOf(MalformedError)
  expect(String(fault)).toContain(reason)
})

test.each([
  '0000000000000400',
  '0000010000000000',
  '4000000000000000',
  '7fffffffffffffff',
  '474554202f204854',
])('the length %s is refused before anything follows', async (hex) => {
  const { frames, waits } = reader(Buffer.from(hex, 'hex'))
  await expect(frames.open()).rejects.toThrow(RecordTooLargeError)
  expect(waits).toEqual([false])
})

test('each command has its limit', async () => {
  const { frames } = reader(encodeFrame(Buffer.concat([hello, line])))
  await expect(frames.open()).rejects.toThrow('a frame has 305 bytes; at most 10 are allowed for it')
})

test('what is too long to be in memory is read in pieces only', async () => {
  const long = Buffer.concat([Buffer.from('a4', 'hex'), Buffer.alloc(600, 'x')])
  const { frames, waits } = reader(encodeFrame(long), () => 9)
  await frames.open()
  await expect(frames.read()).rejects.toThrow('a frame has 601 bytes; at most 500 are allowed for it')
  expect(waits).toHaveLength(1)
  expect(await join(frames.chunks())).toEqual(long)
})
