import { expect, test } from 'vitest'
import { MalformedError } from '../../../server/errors.ts'
import { decodeCommand } from '../../../server/formats/builder-command-decoder.ts'
import {
  decodeMessage,
  encodeExtensionHello,
  encodeMessage,
} from '../../../server/formats/worker-extension.ts'
import { int, seq, text, tlv } from '../sample-record.ts'
import { choice, jobDer, nil, uuidDer } from './sample-commands.ts'
import { sampleMessages } from './sample-messages.ts'

const message = (n: number, content: Uint8Array) => choice(30, choice(n, content))

test.each(sampleMessages.map(([octets, one]) => [one.kind, octets, one] as const))(
  '%s is read and written',
  (_kind, octets, one) => {
    expect(decodeMessage(octets)).toEqual(one)
    expect(Buffer.from(encodeMessage(one))).toEqual(octets)
  },
)

test('the hello is builder’s, with a version of its own', () => {
  expect(decodeCommand(encodeExtensionHello('worker'))).toEqual({
    kind: 'clientHello',
    peer: 'worker',
    version: 1000n,
  })
})

test.each([
  ['an unknown message', message(18, nil), 'the message has the number 18, which no message has'],
  ['a command of builder', choice(6, nil), 'the message has tag 0xa6 instead of 0xbe'],
  ['no message', choice(30), 'the message ends before the message'],
  ['two messages', choice(30, choice(2, nil), choice(2, nil)), 'the message has more fields than expected'],
  ['bytes after it', Buffer.concat([message(2, nil), Buffer.of(0)]), 'goes on after the message'],
  ['a negative number', message(1, seq(int(0xff))), 'heartbeat is not a whole number'],
  [
    'a number beyond 53 bits',
    message(1, seq(int(0x20, 0, 0, 0, 0, 0, 0))),
    'heartbeat is not a whole number from 0 to 2^53 - 1',
  ],
  [
    'a boolean that is none',
    message(3, seq(uuidDer, jobDer, int(60), tlv(0x01, Buffer.of(1)))),
    'network is neither true nor false',
  ],
  ['a short UUID', message(6, seq(text('x'))), 'uuid has 1 bytes instead of 16'],
])('%s is refused', (_name, octets, reason) => {
  expect(() => decodeMessage(octets)).toThrow(MalformedError)
  expect(() => decodeMessage(octets)).toThrow(reason)
})
