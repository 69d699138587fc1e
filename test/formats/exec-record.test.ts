import { describe, expect, test } from 'vitest'
import { MalformedError, RecordTooLargeError } from '../../server/errors.ts'
import { encodeConsoleEntry } from '../../server/formats/exec-record-encoder.ts'
import { encodeResult } from '../../server/formats/exec-values.ts'
import { defaultExecLimits, type ExecVisitor, readExecRecord } from '../../server/formats/exec-record.ts'
import { head, int, sampleRecord, seq, text, time, tlv, utcTime } from './sample-record.ts'
import { chunksOf, readWhole } from './whole-record.ts'

const ignore: ExecVisitor = {
  job() {},
  async script() {},
  platform() {},
  uuid() {},
  consoleEntry() {},
  async artifact() {},
}
const hex = (octets: string) => Buffer.from(octets.replaceAll(' ', ''), 'hex')
const [started, finished] = [time('20260314150926Z'), time('20260314151927Z')]

test('a record is read with all that it holds', async () => {
  expect(await readWhole(chunksOf(sampleRecord()))).toEqual({
    job: 'hello',
    platform: 'debian-12',
    uuid: '5ec0ffee-0000-4000-8000-00000000000a',
    startedAt: new Date('2026-03-14T15:09:26Z'),
    finishedAt: new Date('2026-03-14T15:19:27Z'),
    result: { kind: 'exited', code: 0n },
    script: Buffer.from('#!/bin/sh\n'),
    scriptSizeBytes: 10,
    console: [{ deltaNs: 5n, text: Buffer.from('x') }],
    artifacts: [{ path: 'a.b', sizeBytes: 2, data: Buffer.from('hi') }],
  })
})

test.each([
  ['exited, with any number', tlv(0xa0, int(0xff)), { kind: 'exited', code: -1n }],
  ['signalled, with OCaml’s number', tlv(0xa1, int(0xf9)), { kind: 'signalled', signal: -7n }],
  ['stopped', tlv(0xa2, int(19)), { kind: 'stopped', signal: 19n }],
  [
    'aborted, with bytes that are no text',
    tlv(0xa3, text(hex('fffe'))),
    { kind: 'aborted', message: new Uint8Array([0xff, 0xfe]) },
  ],
])('result: %s', async (_name, result, expected) => {
  expect((await readWhole(chunksOf(sampleRecord({ result })))).result).toEqual(expected)
})

test.each([
  ['20260314150926.25+0130', '2026-03-14T13:39:26.250Z'],
  ['2026031415-0500', '2026-03-14T20:00:00.000Z'],
  ['20260314150926.5', '2026-03-14T15:09:26.500Z'],
  ['202603141509', '2026-03-14T15:09:00.000Z'],
])('a record that started at %s is taken', async (value, expected) => {
  const { startedAt } = await readWhole(chunksOf(sampleRecord({ times: seq(time(value), finished) })))
  expect(startedAt.toISOString()).toBe(expected)
})

test('a record without a platform is of no-platform', async () => {
  const record = sampleRecord({ platform: new Uint8Array() })
  expect(await readWhole(chunksOf(record))).toMatchObject({ job: 'hello', platform: 'no-platform' })
})

test('files of the job are passed over', async () => {
  const files = seq(seq(text('in.txt'), text('dropped')))
  expect((await readWhole(chunksOf(sampleRecord({ files })))).artifacts).toHaveLength(1)
})

test('paths are given in their normal form', async () => {
  const output = seq(seq(text('./a//b/'), text('')))
  const { artifacts } = await readWhole(chunksOf(sampleRecord({ output })))
  expect(artifacts).toMatchObject([{ path: 'a/b', sizeBytes: 0 }])
})

test('a length of 127 in the long form is taken, as by builder', async () => {
  const line = 'x'.repeat(127)
  const console = seq(seq(int(5), Buffer.concat([hex('0c 81 7f'), Buffer.from(line)])))
  expect((await readWhole(chunksOf(sampleRecord({ console })))).console).toEqual([
    { deltaNs: 5n, text: Buffer.from(line) },
  ])
})

test('parts come in the order of the record, each awaited before the next', async () => {
  const events: string[] = []
  const visit = (name: string) => async () => {
    events.push(`${name} starts`)
    await Promise.resolve()
    events.push(`${name} ends`)
  }
  await readExecRecord(
    chunksOf(sampleRecord(), () => 1),
    {
      job: visit('job'),
      script: visit('script'),
      platform: visit('platform'),
      uuid: visit('uuid'),
      consoleEntry: visit('console'),
      artifact: visit('artifact'),
    },
  )
  const names = ['job', 'script', 'platform', 'uuid', 'console', 'artifact']
  expect(events).toEqual(names.flatMap((name) => [`${name} starts`, `${name} ends`]))
})

test.each([
  ['none', async () => {}],
  [
    'one chunk',
    async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const _chunk of chunks) break
    },
  ],
])('a visitor may read %s of a content', async (_name, look) => {
  const visitor: ExecVisitor = {
    ...ignore,
    script: (_, chunks) => look(chunks),
    artifact: (_, __, chunks) => look(chunks),
  }
  const facts = await readExecRecord(
    chunksOf(sampleRecord(), () => 1),
    visitor,
  )
  expect(facts.uuid).toBe('5ec0ffee-0000-4000-8000-00000000000a')
})

test('chunks that a visitor keeps end when its call has ended', async () => {
  let kept: AsyncIterable<Uint8Array> | undefined
  await readExecRecord(chunksOf(sampleRecord()), {
    ...ignore,
    async script(_sizeBytes, chunks) {
      kept = chunks
    },
    async platform() {
      for await (const chunk of kept ?? []) throw new Error(`gave ${chunk.length} bytes`)
    },
  })
  expect(kept).toBeDefined()
})

test('what a visitor throws comes out as it is, and the source stays open', async () => {
  const refusal = new Error('not this job')
  const source = chunksOf(sampleRecord(), () => 10)[Symbol.asyncIterator]()
  let cancelled = false
  const iterator = {
    next: () => source.next(),
    return: async () => ({ done: true as const, value: (cancelled = true) }),
  }
  const visitor = {
    ...ignore,
    job() {
      throw refusal
    },
  }
  await expect(readExecRecord({ [Symbol.asyncIterator]: () => iterator }, visitor)).rejects.toBe(refusal)
  expect(cancelled).toBe(false)
  expect(await source.next()).toMatchObject({ done: false })
})

test('what the source throws comes out as it is', async () => {
  const gone = new Error('client gone')
  async function* source() {
    yield sampleRecord().subarray(0, 50)
    throw gone
  }
  await expect(readExecRecord(source(), ignore)).rejects.toBe(gone)
})

test('content reaches the visitor without a copy', async () => {
  const record = sampleRecord()
  const memory = new Set<ArrayBufferLike>()
  await readExecRecord(chunksOf(record), {
    ...ignore,
    async artifact(_path, _sizeBytes, chunks) {
      for await (const chunk of chunks) memory.add(chunk.buffer)
    },
  })
  expect([...memory]).toEqual([record.buffer])
})

test('an artifact of 4 GB passes without being held', async () => {
  const block = new Uint8Array(2 ** 20)
  const blocks = 4000
  const sizeBytes = blocks * block.length
  let open = Buffer.concat([text('a'), head(0x0c, sizeBytes)])
  // Artifact, output, and, after the other parts, body and record.
  for (const tag of [0x30, 0x30]) open = Buffer.concat([head(tag, open.length + sizeBytes), open])
  open = Buffer.concat([sampleRecord().subarray(4, 107), open])
  for (const tag of [0x30, 0xa0]) open = Buffer.concat([head(tag, open.length + sizeBytes), open])
  async function* source() {
    yield open
    for (let i = 0; i < blocks; i++) yield block
  }

  const idleBytes = process.memoryUsage().arrayBuffers
  let [seenBytes, peakBytes] = [0, 0]
  await readExecRecord(source(), {
    ...ignore,
    async artifact(_path, announcedBytes, chunks) {
      expect(announcedBytes).toBe(sizeBytes)
      for await (const chunk of chunks) {
        seenBytes += chunk.length
        peakBytes = Math.max(peakBytes, process.memoryUsage().arrayBuffers)
      }
    },
  })
  expect(seenBytes).toBe(sizeBytes)
  expect(peakBytes - idleBytes).toBeLessThan(8 * 2 ** 20)
})

describe('limits', () => {
  const output = seq(seq(text('a'), text('')), seq(text('b'), text('')))
  const console = seq(seq(int(1), text('x')), seq(int(1), text('x')))
  test.each([
    ['recordBytes', 119, {}, 'more than 119 bytes'],
    ['scriptBytes', 9, {}, 'script has 10 bytes; at most 9 are allowed'],
    ['consoleLines', 1, { console }, 'more than 1 console entries'],
    [
      'consoleLineBytes',
      1,
      { console: seq(seq(int(1), text('x'.repeat(40)))) },
      'console entry has 45 bytes',
    ],
    [
      'consoleLineBytes',
      4,
      { console: seq(seq(int(1), text('x'.repeat(5)))) },
      'text of a console entry has 5 bytes; at most 4 are allowed',
    ],
    ['artifacts', 1, { output }, 'more than 1 artifacts'],
    ['artifacts', 1, { files: output }, 'more than 1 files of the job'],
    ['pathBytes', 2, {}, 'artifact path has 3 bytes; at most 2 are allowed'],
  ])('%s: %i', async (name, limit, other, reason) => {
    const reading = readWhole(chunksOf(sampleRecord(other)), { ...defaultExecLimits, [name]: limit })
    await expect(reading).rejects.toThrow(RecordTooLargeError)
    await expect(reading).rejects.toThrow(reason)
  })

  test('what is exactly at the limits is taken', async () => {
    const limits = {
      recordBytes: 120,
      scriptBytes: 10,
      consoleLines: 1,
      consoleLineBytes: 1,
      artifacts: 1,
      pathBytes: 3,
    }
    expect(await readWhole(chunksOf(sampleRecord()), limits)).toMatchObject({ job: 'hello' })
  })

  test.each([
    [40, 1n],
    [2 ** 20, 2n ** 62n - 1n],
  ])(
    'an entry of the console with a text of %i bytes is taken, one byte more is not',
    async (bytes, delta) => {
      const entryOf = (length: number) => {
        const entry = encodeConsoleEntry(delta, Buffer.alloc(length, 'x'))
        return sampleRecord({ console: seq(entry) })
      }
      const limits = { ...defaultExecLimits, consoleLineBytes: bytes }
      await readWhole(chunksOf(entryOf(bytes)), limits)
      await expect(readWhole(chunksOf(entryOf(bytes + 1)), limits)).rejects.toThrow(RecordTooLargeError)
    },
  )

  test('a message of 64 KiB is taken, one byte more is not', async () => {
    const messageOf = (length: number) =>
      sampleRecord({ result: encodeResult({ kind: 'aborted', message: Buffer.alloc(length, 'x') }) })
    expect((await readWhole(chunksOf(messageOf(65_536)))).result).toMatchObject({ kind: 'aborted' })
    await expect(readWhole(chunksOf(messageOf(65_537)))).rejects.toThrow(
      'the message of the result has 65537 bytes; at most 65536 are allowed',
    )
  })
})

const sample = sampleRecord()
const cut = (end: number) => sample.subarray(0, end)
/** The sample with octets overwritten. */
const patched = (offset: number, octets: string) => {
  const record = Buffer.from(sample)
  record.set(hex(octets), offset)
  return record
}

const malformed: [name: string, record: Uint8Array, offset: number, reason: string | RegExp][] = [
  // DER
  ['no input', cut(0), 0, 'the record is cut short: the input ends'],
  ['one byte', cut(1), 1, 'the record is cut short: the input ends'],
  ['cut within a header', cut(3), 3, 'the body is cut short: the input ends'],
  ['cut between values', cut(38), 38, 'uuid is cut short: the input ends'],
  ['cut within the times', cut(70), 70, 'the pair of times is cut short: the input ends'],
  ['last byte missing', cut(119), 119, 'artifact data is cut short: the input ends'],
  ['a byte too many', Buffer.concat([sample, hex('00')]), 120, 'the input goes on after the record'],
  ['the record twice', Buffer.concat([sample, sample]), 120, 'the input goes on after the record'],
  ['indefinite length', patched(1, '80'), 1, 'the record has an indefinite length'],
  ['indefinite length of a console entry', patched(59, '80'), 59, 'console entry has an indefinite length'],
  ['a length of 127 bytes', patched(1, 'ff'), 1, 'the record has a length of more than eight bytes'],
  ['a length of 2^63', hex('a0 88 80 00 00 00 00 00 00 00'), 1, 'the record has a length beyond any input'],
  ['a length with a leading zero', hex('a0 82 00 80'), 1, 'the record has a length with a leading zero'],
  ['long form for a short length', hex('a0 81 05'), 1, 'the record has a long form for a short length'],
  ['length bytes missing', hex('a0 82 01'), 3, 'the record is cut short: the input ends'],
  ['a tag number above 30', hex('bf 1e 02 05 00'), 0, 'the record has a tag number above 30'],
  ['a child that overruns', patched(5, '7f'), 4, 'the job overruns the body'],
  ['a header that overruns', sampleRecord({ console: seq(hex('30')) }), 58, 'console entry overruns console'],
  [
    'a delta whose header overruns',
    sampleRecord({ console: seq(seq(hex('02'))) }),
    60,
    'delta of a console entry overruns console entry',
  ],
  // fields
  ['text', Buffer.from('{"job":"hello"}'), 0, 'the record has tag 0x7b instead of 0xa0'],
  ['the reserved alternative', hex('a1 02 05 00'), 0, 'the record has tag 0xa1 instead of 0xa0'],
  ['no wrapper', sample.subarray(2), 0, 'the record has tag 0x30 instead of 0xa0'],
  ['an empty wrapper', hex('a0 00'), 2, 'the record ends before the body'],
  ['two bodies', tlv(0xa0, seq(), seq()), 4, 'the body ends before the job'],
  [
    'a field after the output',
    tlv(0xa0, sample.subarray(2), seq()),
    120,
    'the record has more fields than expected',
  ],
  ['no output', sampleRecord({ output: hex('') }), 107, 'the body ends before output'],
  [
    'a job of two fields',
    sampleRecord({ job: seq(text('n'), text('s')) }),
    12,
    'the job ends before files of the job',
  ],
  [
    'a job of five fields',
    sampleRecord({ platform: Buffer.concat([text('p'), text('q')]) }),
    30,
    'the job has more fields than expected',
  ],
  ['a name that is constructed', patched(6, '2c'), 6, 'job name has tag 0x2c instead of 0x0c'],
  ['a name that is an OCTET STRING', patched(6, '04'), 6, 'job name has tag 0x04 instead of 0x0c'],
  [
    'a console entry of three fields',
    sampleRecord({ console: seq(seq(int(5), text(''), text(''))) }),
    65,
    'console entry has more fields than expected',
  ],
  [
    'a console entry, swapped',
    sampleRecord({ console: seq(seq(text(''), int(5))) }),
    60,
    'delta of a console entry has tag 0x0c instead of 0x02',
  ],
  [
    'a delta without content',
    sampleRecord({ console: seq(seq(int(), text(''))) }),
    60,
    'delta of a console entry is an INTEGER without content',
  ],
  [
    'a delta with a redundant octet',
    sampleRecord({ console: seq(seq(int(0, 1), text(''))) }),
    60,
    /redundant/,
  ],
  [
    'an artifact of one field',
    sampleRecord({ output: seq(seq(text('a'))) }),
    114,
    'artifact ends before artifact data',
  ],
  [
    'an artifact of three fields',
    sampleRecord({ output: seq(seq(text('a'), text(''), text(''))) }),
    116,
    'artifact has more fields than expected',
  ],
  // small values
  ['a uuid of 15 bytes', sampleRecord({ uuid: text('x'.repeat(15)) }), 38, 'uuid has 15 bytes instead of 16'],
  ['a uuid of 17 bytes', sampleRecord({ uuid: text('x'.repeat(17)) }), 38, 'uuid has 17 bytes instead of 16'],
  ['times that are an INTEGER', sampleRecord({ times: int(1) }), 66, 'the pair of times is not constructed'],
  ['one time', sampleRecord({ times: seq(started) }), 85, 'the pair of times ends before finish time'],
  [
    'three times',
    sampleRecord({ times: seq(utcTime('2603141509Z'), utcTime('2603141509Z'), seq()) }),
    94,
    'the pair of times has more fields than expected',
  ],
  [
    'a time that is text',
    sampleRecord({ times: seq(started, text('20260314151927Z')) }),
    66,
    'the pair of times holds something else than times',
  ],
  [
    'a month 13',
    sampleRecord({ times: seq(started, time('20261314151927Z')) }),
    85,
    'finish time has month 13',
  ],
  [
    'a UTCTime without a zone',
    sampleRecord({ times: seq(utcTime('260314150926'), finished) }),
    68,
    'start time is not of the form YYMMDDhhmm[ss]Z',
  ],
  [
    'a time that overruns',
    sampleRecord({ times: seq(started, hex('18 0f')) }),
    85,
    'finish time overruns the pair of times',
  ],
  ['a result without a tag', sampleRecord({ result: int(0) }), 102, 'the result is not constructed'],
  [
    'a result [4]',
    sampleRecord({ result: tlv(0xa4, int(0)) }),
    102,
    'the result is not exited, signalled, stopped or a message',
  ],
  [
    'a message that is a number',
    sampleRecord({ result: tlv(0xa3, int(0)) }),
    102,
    'the result is not exited, signalled, stopped or a message',
  ],
  [
    'an exit code that is text',
    sampleRecord({ result: tlv(0xa0, text('')) }),
    102,
    'the result is not exited, signalled, stopped or a message',
  ],
  [
    'a constructed value',
    sampleRecord({ result: tlv(0xa3, tlv(0x2c, text(''))) }),
    104,
    'value of the result is not primitive',
  ],
  [
    'an exit code of nine octets',
    sampleRecord({ result: tlv(0xa0, int(1, 0, 0, 0, 0, 0, 0, 0, 0)) }),
    104,
    'value of the result does not fit 63 bits',
  ],
  [
    'two exit codes',
    sampleRecord({ result: tlv(0xa0, int(0), int(0)) }),
    107,
    'the result has more fields than expected',
  ],
  // names and paths
  ['a job named ..', sampleRecord({ name: text('..') }), 6, /: job name ".." is not a name: 1 to 255 bytes/],
  ['a job name that is not UTF-8', sampleRecord({ name: text(hex('6aff')) }), 6, 'job name is not UTF-8'],
  ['a platform without a name', sampleRecord({ platform: text('') }), 27, /: platform name "" is empty/],
  [
    'a job’s file without a path',
    sampleRecord({ files: seq(seq(text(''), text(''))) }),
    29,
    'path of a file of the job is empty',
  ],
  [
    'a job’s file with a NUL',
    sampleRecord({ files: seq(seq(text('a\0'), text(''))) }),
    29,
    'path of a file of the job contains a NUL',
  ],
  [
    'a path out of the folder',
    sampleRecord({ output: seq(seq(text('../a'), text(''))) }),
    111,
    'artifact path "../a" contains ".."',
  ],
  [
    'an absolute path',
    sampleRecord({ output: seq(seq(text('/a'), text(''))) }),
    111,
    'artifact path "/a" is absolute',
  ],
  [
    'a path that is not UTF-8',
    sampleRecord({ output: seq(seq(text(hex('c0af')), text(''))) }),
    111,
    'artifact path is not UTF-8',
  ],
  [
    'a path twice, in two forms',
    sampleRecord({ output: seq(seq(text('a'), text('')), seq(text('./a'), text(''))) }),
    118,
    'artifact path "a" is there already, at byte 111',
  ],
  [
    'a file that is a folder',
    sampleRecord({ output: seq(seq(text('a/b'), text('')), seq(text('a'), text(''))) }),
    120,
    'artifact path "a" is a file, and the folder of "a/b"',
  ],
]

describe.each([
  ['in one chunk', undefined],
  ['byte by byte', () => 1],
  ['in chunks of seven bytes', () => 7],
])('malformed %s', (_how, nextSize) => {
  test.each(malformed)('%s', async (_name, record, offset, reason) => {
    const error = await readWhole(chunksOf(record, nextSize)).then(
      () => null,
      (error: unknown) => error,
    )
    expect(error).toBeInstanceOf(MalformedError)
    expect(error).toMatchObject({ format: 'build record', offset })
    expect(String(error)).toMatch(typeof reason === 'string' ? `byte ${offset}: ${reason}` : reason)
  })
})

test('a name above 255 bytes is malformed, not too large', async () => {
  await expect(readWhole(chunksOf(sampleRecord({ name: text('x'.repeat(256)) })))).rejects.toMatchObject({
    offset: 12,
    reason: 'job name is longer than 255 bytes',
  })
})
