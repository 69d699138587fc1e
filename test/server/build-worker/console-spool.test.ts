import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openConsoleSpool, type ConsoleLine } from '../../../server/build-worker/console-spool.ts'
import { lineSplitter, maxLineBytes } from '../../../server/build-worker/line-splitter.ts'
import { temporaryDir } from '../../app.ts'

const line = (n: number, text = `line ${n}`): ConsoleLine => ({ deltaNs: BigInt(n), text: Buffer.from(text) })
const numbers = (lines: ConsoleLine[]) => lines.map(({ deltaNs }) => Number(deltaNs))
const never = new AbortController().signal

test('lines are read from any number on', async () => {
  const spool = await openConsoleSpool(join(temporaryDir(), 'console'))
  for (let n = 0; n < 1_000; n += 10)
    await spool.append(Array.from({ length: 10 }, (_, k) => line(n + k, 'x'.repeat((n + k) % 90))))
  for (const from of [0, 1, 255, 256, 257, 700, 999]) {
    const lines = await spool.read(from, Infinity)
    expect(numbers(lines)).toEqual(Array.from({ length: 1_000 - from }, (_, k) => from + k))
    expect(lines.map(({ text }) => text.length)).toEqual(numbers(lines).map((n) => n % 90))
  }
  expect(await spool.read(1_000, Infinity)).toEqual([])
  // By batches, and again from the start, as after a lost connection.
  let read = 0
  while (read < 1_000) read += (await spool.read(read, 500)).length
  expect(numbers(await spool.read(3, 1))).toEqual([3])
  await spool.close()
})

test('a line of a megabyte, an empty one and bytes that are no text', async () => {
  const spool = await openConsoleSpool(join(temporaryDir(), 'console'))
  const texts = [Buffer.alloc(maxLineBytes, 'x'), Buffer.alloc(0), Buffer.from([0, 0xff, 0x0d])]
  await spool.append(texts.map((text, n) => ({ deltaNs: BigInt(n), text })))
  expect((await spool.read(0, Infinity)).map(({ text }) => Buffer.from(text))).toEqual(texts)
  await spool.close()
})

test('whoever follows is woken by lines and by the end', async () => {
  const spool = await openConsoleSpool(join(temporaryDir(), 'console'))
  const more = spool.untilMore(0, never)
  await spool.append([line(0)])
  await more
  const end = spool.untilMore(1, never)
  spool.end()
  await end
  await expect(spool.untilMore(1, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
  await spool.close()
})

test('who writes waits while too much is unsent', async () => {
  const spool = await openConsoleSpool(join(temporaryDir(), 'console'), 10_000)
  let isWritten = false
  const writing = spool.append([line(0, 'x'.repeat(20_000))]).then(() => (isWritten = true))
  await spool.untilMore(0, never)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(isWritten).toBe(false)
  spool.acknowledge(1)
  await writing
  const abandoned = spool.append([line(1, 'x'.repeat(20_000))])
  spool.abandon()
  await abandoned
  await spool.close()
})

test.each([1, 2, 3, 7, 1_000])('lines are the same whatever the chunks: of %d bytes', (size) => {
  const output = Buffer.from('one\n\n\r\ntwo\r\n\xff\0\nlast', 'latin1')
  const splitter = lineSplitter()
  const lines: Uint8Array[] = []
  for (let at = 0; at < output.length; at += size)
    lines.push(...splitter.push(output.subarray(at, at + size)))
  const rest = splitter.end()
  const texts = [...lines, ...(rest ? [rest] : [])].map((text) => Buffer.from(text).toString('latin1'))
  expect(texts).toEqual(['one', '', '\r', 'two\r', '\xff\0', 'last'])
  expect(splitter.end()).toBeNull()
})

test('a line of more than a megabyte is split', () => {
  const splitter = lineSplitter()
  const lines = [0, 1, 2, 3, 4].flatMap(() => splitter.push(Buffer.alloc(500_000, 'x')))
  lines.push(...splitter.push(Buffer.from('\nnext\n')))
  expect(lines.map(({ length }) => length)).toEqual([
    maxLineBytes,
    maxLineBytes,
    2_500_000 - 2 * maxLineBytes,
    4,
  ])
  const whole = splitter.push(Buffer.concat([Buffer.alloc(maxLineBytes, 'y'), Buffer.from('\n')]))
  expect(whole.map(({ length }) => length)).toEqual([maxLineBytes])
})
