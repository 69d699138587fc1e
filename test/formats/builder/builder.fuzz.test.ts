import { expect, test } from 'vitest'
import { MalformedError, RecordTooLargeError } from '../../../server/errors.ts'
import { decodeCommand } from '../../../server/formats/builder-command-decoder.ts'
import { encodeCommand } from '../../../server/formats/builder-command-encoder.ts'
import { commandNumbers } from '../../../server/formats/builder-commands.ts'
import { encodeFrame, FrameReader } from '../../../server/formats/builder-frames.ts'
import { decodeState } from '../../../server/formats/builder-state.ts'
import { readJobFinished } from '../../../server/formats/job-finished.ts'
import { decodeMessage, encodeMessage } from '../../../server/formats/worker-extension.ts'
import { isLong, seedOf } from '../../long.ts'
import { mutate } from '../mutate.ts'
import { seq } from '../sample-record.ts'
import { chunksOf, seeded } from '../whole-record.ts'
import { choice, jobDer, nextDer, nil, sampleCommands } from './sample-commands.ts'
import { sampleMessages } from './sample-messages.ts'

const frames = isLong ? 1_000_000 : 4_000
const commands = sampleCommands.map(([, octets]) => octets)
const messages = sampleMessages.map(([octets]) => octets)
const states = [
  seq(choice(3, seq(nextDer, choice(3, nil), choice(0, jobDer))), choice(5, Buffer.from('0c0170', 'hex'))),
]

/** What is read is written and read again as the same. A refusal has a place in the input. */
function outcome<Value>(
  octets: Uint8Array,
  decode: (octets: Uint8Array) => Value,
  encode: (value: Value) => Uint8Array,
): 'read' | 'refused' {
  let value
  try {
    value = decode(octets)
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    if (error.offset < 0 || error.offset > octets.length) throw error
    return 'refused'
  }
  const written = Buffer.from(encode(value))
  const again = Buffer.from(encode(decode(written)))
  if (!again.equals(written))
    throw new Error(`not read as it is written: ${Buffer.from(octets).toString('hex')}`)
  return 'read'
}

function count(outcomes: Iterable<'read' | 'refused'>): { read: number; refused: number } {
  const counts = { read: 0, refused: 0 }
  for (const one of outcomes) counts[one]++
  return counts
}

function mutants<Value>(
  samples: readonly Buffer[],
  number: number,
  seed: number,
  see: (mutant: Buffer) => Value,
): Value[] {
  const random = seeded(seedOf(seed))
  return Array.from({ length: number }, (_, i) =>
    see(mutate(samples[i % samples.length] ?? Buffer.of(), random)),
  )
}

test('mutants of commands are read or refused', () => {
  const outcomes = mutants(commands, frames, 11, (one) => outcome(one, decodeCommand, encodeCommand))
  const { read, refused } = count(outcomes)
  expect(read).toBeGreaterThan(frames / 100)
  expect(refused).toBeGreaterThan(frames / 10)
})

test('mutants of messages are read or refused', () => {
  const outcomes = mutants(messages, frames / 2, 12, (one) => outcome(one, decodeMessage, encodeMessage))
  const { read, refused } = count(outcomes)
  expect(read).toBeGreaterThan(frames / 200)
  expect(refused).toBeGreaterThan(frames / 20)
})

test('mutants of states are read or refused', () => {
  const outcomes = mutants(states, frames / 10, 13, (one) =>
    outcome(one, decodeState, () => new Uint8Array(seq())),
  )
  expect(count(outcomes).refused).toBeGreaterThan(frames / 100)
})

test('a stream of mutants is cut into frames the same way in any pieces, and finished jobs as they come', async () => {
  const random = seeded(seedOf(14))
  for (let i = 0; i < frames / 20; i++) {
    const stream = mutate(
      Buffer.concat([pick(commands, random), pick(commands, random)].map(encodeFrame)),
      random,
    )
    const whole = await readStream(stream)
    const cut = await readStream(stream, () => 1 + random(20))
    if (whole !== cut) throw new Error(`${whole}, but in pieces ${cut}: ${stream.toString('hex')}`)
  }
})

const pick = (samples: readonly Buffer[], random: (bound: number) => number) =>
  samples[random(samples.length)] ?? Buffer.of()

async function readStream(bytes: Uint8Array, nextSize?: () => number): Promise<string> {
  const source = chunksOf(bytes, nextSize)[Symbol.asyncIterator]()
  const reader = new FrameReader(
    async () => {
      const next = await source.next()
      return next.done === true ? null : next.value
    },
    { anyBytes: 10_000, wholeBytes: 10_000, bytesOf: (tag) => tag * 10 },
  )
  const seen = []
  try {
    for (let head; (head = await reader.open());) {
      seen.push(head.sizeBytes)
      if (head.tag !== 0xa0 + commandNumbers.jobFinished) {
        seen.push((await reader.read()).length)
        continue
      }
      const { files } = await readJobFinished(reader.chunks())
      for await (const { path } of files) seen.push(path)
    }
    seen.push('end')
  } catch (error) {
    if (!(error instanceof MalformedError) && !(error instanceof RecordTooLargeError)) throw error
    seen.push(error.message)
  }
  return seen.join(' ')
}
