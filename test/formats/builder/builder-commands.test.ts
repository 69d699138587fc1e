import { expect, test } from 'vitest'
import { MalformedError } from '../../../server/errors.ts'
import { decodeCommand } from '../../../server/formats/builder-command-decoder.ts'
import { encodeCommand, encodeHello } from '../../../server/formats/builder-command-encoder.ts'
import { BadUuidError } from '../../../server/formats/uuid-octets.ts'
import { int, seq, text, time, utcTime } from '../sample-record.ts'
import { choice, jobDer, nextDer, nil, sampleCommands, uuidDer } from './sample-commands.ts'

test.each(sampleCommands)('%s is read, and written as builder writes it', (_name, octets, command) => {
  expect(decodeCommand(octets)).toEqual(command)
  expect(Buffer.from(encodeCommand(command))).toEqual(octets)
})

test('a peer says hello with builder’s version', () => {
  expect(decodeCommand(encodeHello('client'))).toMatchObject({ peer: 'client', version: 13n })
  expect(decodeCommand(encodeHello('worker'))).toMatchObject({ peer: 'worker', version: 5n })
})

test.each([
  ['the old form of execute', choice(11, text('hi')), { kind: 'execute', name: 'hi', platform: null }],
  [
    'the old answer, which names no dropped platforms',
    choice(7, seq(seq(seq(nextDer, choice(1, nil), jobDer)), seq(), seq())),
    {
      kind: 'infoReply',
      info: {
        schedules: [{ period: 'DAILY', job: { kind: 'SCRIPT', job: { name: 'hi' } } }],
        droppedPlatforms: [],
      },
    },
  ],
  [
    'a job without a platform',
    choice(5, seq(choice(3, nil), seq(text('hi'), text('x'), seq()))),
    { kind: 'schedule', job: { platform: 'no-platform' } },
  ],
  [
    'a job with files, which are passed over',
    choice(5, seq(choice(3, nil), seq(text('hi'), text('x'), seq(seq(text('f'), text('data'))), text('p')))),
    { kind: 'schedule', job: { name: 'hi', platform: 'p' } },
  ],
  [
    'a time with two digits of the year',
    choice(13, seq(text('hi'), utcTime('270101000000Z'))),
    { kind: 'reschedule', next: new Date('2027-01-01T00:00:00Z') },
  ],
])('%s is read', (_name, octets, expected) => {
  expect(decodeCommand(octets)).toMatchObject(expected)
})

test.each([
  ['nothing', Buffer.of(), 'the command is cut short: the input ends'],
  ['a reserved number', choice(0, int(5)), 'the command has the number 0, which is reserved'],
  ['the next reserved number', choice(1, int(5)), 'the command has the number 1, which is reserved'],
  ['the last reserved number', choice(8, nil), 'the command has the number 8, which is reserved'],
  ['a number of no command', choice(23, nil), 'the command has the number 23, which no command has'],
  ['no command', seq(), 'the command has tag 0x30, which no command has'],
  ['a command of the hub', choice(30, nil), 'the command has the number 30, which no command has'],
  ['a tag above 30', Buffer.from('bf1f020500', 'hex'), 'the command has a tag number above 30'],
  [
    'bytes after the command',
    Buffer.concat([choice(18, nil), Buffer.of(0)]),
    'the input goes on after the command',
  ],
  ['a command that is cut', choice(9, text('hello')).subarray(0, 5), 'job name is cut short: the input ends'],
  ['a value beyond its command', Buffer.from('a9040c0568656c6c6f', 'hex'), 'job name overruns the command'],
  [
    'a field too many',
    choice(20, seq(text('a'), text('b'), text('c'))),
    'the body has more fields than expected',
  ],
  ['a field of another kind', choice(9, int(1)), 'job name has tag 0x02 instead of 0x0c'],
  ['a field too few', choice(5, seq(choice(0, nil))), 'the body ends before a job with a script'],
  ['a NULL with content', choice(6, Buffer.from('050100', 'hex')), 'the body is a NULL with content'],
  ['a name that is not UTF-8', choice(9, text(Buffer.of(0xff))), 'job name is not UTF-8'],
  [
    'a period that is none',
    choice(13, seq(text('a'), nextDer, choice(4, nil))),
    'period has tag 0xa4: it is none of',
  ],
  [
    'a peer that is none',
    choice(14, seq(choice(2, nil), int(5))),
    'kind of peer has tag 0xa2: it is none of',
  ],
  [
    'a version beyond 63 bits',
    choice(14, seq(choice(0, nil), int(0x40, 0, 0, 0, 0, 0, 0, 0))),
    'version does not fit 63 bits',
  ],
  ['a time that is none', choice(13, seq(text('a'), time('tomorrow'))), 'next time is not of the form'],
  ['a result that is none', choice(3, seq(uuidDer, choice(4, nil), seq())), 'the result is not exited'],
  ['an indefinite length', Buffer.from('a6800500' + '0000', 'hex'), 'the command has an indefinite length'],
])('%s is refused', (_name, octets, reason) => {
  const fault = faultOf(octets)
  expect(fault?.message).toContain(reason)
  expect(fault?.offset).toBeLessThanOrEqual(octets.length)
})

test.each([0, 15, 17])('a UUID of %d bytes is refused, and told apart', (length) => {
  expect(faultOf(choice(10, text(Buffer.alloc(length, 'x'))))).toBeInstanceOf(BadUuidError)
})

function faultOf(octets: Uint8Array): MalformedError | null {
  try {
    decodeCommand(octets)
    return null
  } catch (error) {
    if (error instanceof MalformedError) return error
    throw error
  }
}
