import { expect, test } from 'vitest'
import { MalformedError, RecordTooLargeError } from '../../../server/errors.ts'
import { decodeCommand } from '../../../server/formats/builder-command-decoder.ts'
import { encodeJobFinished } from '../../../server/formats/builder-command-encoder.ts'
import { UnsafeNameError } from '../../../server/formats/exec-names.ts'
import { readJobFinished } from '../../../server/formats/job-finished.ts'
import { int, seq, text, tlv } from '../sample-record.ts'
import { chunksOf, join } from '../whole-record.ts'
import { choice, uuid, uuidDer } from './sample-commands.ts'

const exited = choice(0, int(0))
const file = (path: string, data: string) => seq(text(path), text(data))
const finished = (...files: Uint8Array[]) => choice(3, seq(uuidDer, exited, seq(...files)))

async function readAll(octets: Uint8Array, nextSize?: () => number) {
  const { files, ...rest } = await readJobFinished(chunksOf(octets, nextSize))
  const read = []
  for await (const { path, sizeBytes, chunks } of files)
    read.push({ path, sizeBytes, data: (await join(chunks)).toString() })
  return { ...rest, files: read }
}

test.each([1, 7, 10_000])('a finished job is read in pieces of %d bytes', async (size) => {
  const octets = finished(file('./bin//a', 'hello'), file('b', ''))
  expect(await readAll(octets, () => size)).toEqual({
    uuid,
    result: { kind: 'exited', code: 0n },
    files: [
      { path: './bin//a', sizeBytes: 5, data: 'hello' },
      { path: 'b', sizeBytes: 0, data: '' },
    ],
  })
})

test('it is written in a stream as it is written at once', async () => {
  const { sizeBytes, data } = encodeJobFinished({
    uuid,
    result: { kind: 'signalled', signal: -7n },
    files: [{ path: 'a', sizeBytes: 4, data: () => [Buffer.from('da'), Buffer.from('ta')] }],
  })
  const octets = await join(
    (async function* () {
      yield* data()
    })(),
  )
  expect(octets).toHaveLength(sizeBytes)
  expect(decodeCommand(octets)).toEqual({
    kind: 'jobFinished',
    uuid,
    result: { kind: 'signalled', signal: -7n },
    files: [{ path: 'a', data: Buffer.from('data') }],
  })
})

test('files that nobody reads are passed over', async () => {
  const { files } = await readJobFinished(
    chunksOf(finished(file('a', 'x'.repeat(50)), file('b', 'y')), () => 9),
  )
  const paths = []
  for await (const { path } of files) paths.push(path)
  expect(paths).toEqual(['a', 'b'])
})

test('files are read as they come', async () => {
  let given = 0
  const pieces = chunksOf(finished(file('a', 'x'.repeat(1_000)), file('b', 'y'.repeat(100_000))), () => 100)
  async function* counted() {
    for await (const piece of pieces) {
      given += piece.length
      yield piece
    }
  }
  const { files } = await readJobFinished(counted())
  const first = await files.next()
  if (first.done === true) throw new Error('no file was read')
  for await (const _chunk of first.value.chunks);
  expect(given).toBeLessThan(1_300)
})

test.each([
  ['a file without data', finished(seq(text('a'))), 'a file ends before data of a file'],
  ['a file with more', finished(seq(text('a'), text(''), int(0))), 'a file has more fields than expected'],
  [
    'more after the files',
    choice(3, seq(uuidDer, exited, seq(), seq())),
    'the body has more fields than expected',
  ],
  ['more after the command', Buffer.concat([finished(), Buffer.of(0)]), 'goes on after the record'],
  ['a short UUID', choice(3, seq(text('x'), exited, seq())), 'uuid has 1 bytes instead of 16'],
  ['no result', choice(3, seq(uuidDer, seq())), 'the result ends before value of the result'],
  ['another command', choice(4, seq(uuidDer, text(''))), 'the command has tag 0xa4 instead of 0xa3'],
  ['half a file', finished(file('a', 'data')).subarray(0, -2), 'is cut short: the input ends'],
])('%s is refused', async (_name, octets, reason) => {
  const fault: unknown = await readAll(octets).catch((error: unknown) => error)
  expect(fault).toBeInstanceOf(MalformedError)
  expect(String(fault)).toContain(reason)
})

test('what is too large is refused', async () => {
  const long = choice(3, seq(uuidDer, tlv(0xa3, text('x'.repeat(70_000))), seq()))
  await expect(readAll(long)).rejects.toThrow(RecordTooLargeError)
})

test('a path that the script should not have made is told from what the worker did wrong', async () => {
  const latin1 = finished(seq(text(Buffer.of(0x61, 0xff)), text('')))
  await expect(readAll(latin1)).rejects.toThrow(new UnsafeNameError('"a\ufffd" is not UTF-8'))
  const long = finished(file('x'.repeat(1_025), ''))
  await expect(readAll(long)).rejects.toThrow(new UnsafeNameError('has 1025 bytes; at most 1024 are allowed'))
})
