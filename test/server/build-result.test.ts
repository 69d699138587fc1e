import { expect, test } from 'vitest'
import { buildResultOf, messageLimitBytes } from '../../server/builds/build-result.ts'
import { describeOutcome } from '../../server/builds/describe-build.ts'

const aborted = (message: Uint8Array | null) => ({
  uuid: 'x',
  resultKind: 'ABORTED',
  resultCode: null,
  resultMessage: message,
})

test.each([
  ['none', null, '', 0],
  ['a short one', Buffer.from('timeout'), 'timeout', 7],
  [
    'one of the limit',
    Buffer.alloc(messageLimitBytes, 'x'),
    'x'.repeat(messageLimitBytes),
    messageLimitBytes,
  ],
  ['one above it', Buffer.alloc(65_536, 'x'), `${'x'.repeat(messageLimitBytes)} …`, 65_536],
  ['one whose character the limit divides', Buffer.alloc(6000, '€'), `${'€'.repeat(1365)} …`, 6000],
  ['bytes that are no UTF-8', Buffer.of(0xff, 0x41), '\ufffdA', 2],
])('the message of an aborted build is bounded: %s', (_name, bytes, message, messageSizeBytes) => {
  expect(buildResultOf(aborted(bytes))).toEqual({ kind: 'AbortedResult', message, messageSizeBytes })
})

test.each([
  ['timeout', 'failed: aborted: timeout'],
  ['x'.repeat(200), `failed: aborted: ${'x'.repeat(200)}`],
  ['x'.repeat(4000), `failed: aborted: ${'x'.repeat(200)} …`],
  ['🐫'.repeat(300), `failed: aborted: ${'🐫'.repeat(200)} …`],
])('a line of a list has the first 200 characters of the message', (message, words) => {
  const build = { ...aborted(Buffer.from(message)), status: 'FAILED' }
  expect(describeOutcome(build as unknown as Parameters<typeof describeOutcome>[0])).toBe(words)
})
