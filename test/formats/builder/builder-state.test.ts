import { expect, test } from 'vitest'
import { decodeState, encodeState } from '../../../server/formats/builder-state.ts'
import { seq, text, utcTime } from '../sample-record.ts'
import { choice, jobDer, nextDer, nil } from './sample-commands.ts'

const script = { kind: 'SCRIPT', job: { name: 'hi', script: Buffer.from('#!x\n'), platform: 'p' } } as const
const next = new Date('2026-03-14T15:09:26.500Z')

test('a state has schedules, queues and dropped platforms', () => {
  const octets = seq(
    choice(3, seq(nextDer, choice(3, nil), choice(0, jobDer))),
    choice(4, seq(text('p'), seq(choice(0, jobDer)))),
    choice(5, text('gone')),
  )
  const state = decodeState(octets)
  expect(state).toEqual({
    schedules: [{ next, period: 'NEVER', job: script }],
    queues: [{ platform: 'p', jobs: [script] }],
    droppedPlatforms: ['gone'],
    ignored: 0,
  })
  expect(Buffer.from(encodeState(state))).toEqual(octets)
})

test('the state of a builder before platforms is read, without its queue', () => {
  const octets = seq(
    choice(0, jobDer),
    choice(1, seq(utcTime('260314150926Z'), choice(1, nil), jobDer)),
    choice(2, choice(0, jobDer)),
  )
  expect(decodeState(octets)).toEqual({
    schedules: [{ next: new Date('2026-03-14T15:09:26Z'), period: 'DAILY', job: script }],
    queues: [],
    droppedPlatforms: [],
    ignored: 2,
  })
})

test.each([
  ['garbage', Buffer.from('garbage'), 'the state has tag 0x67 instead of 0x30'],
  ['nothing', Buffer.of(), 'the state is cut short'],
  ['an unknown item', seq(choice(6, nil)), 'an item has tag 0xa6, which no item has'],
  ['half a state', seq(choice(5, text('gone'))).subarray(0, 6), 'is cut short'],
  ['bytes after the state', Buffer.concat([seq(), Buffer.of(1)]), 'the input goes on after the state'],
  ['an item with more', seq(choice(5, text('a'), text('b'))), 'an item has more fields than expected'],
  ['a name that is not UTF-8', seq(choice(5, text(Buffer.of(0xff)))), 'platform name is not UTF-8'],
])('%s is refused', (_name, octets, reason) => {
  expect(() => decodeState(octets)).toThrow(reason)
})
