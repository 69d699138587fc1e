import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MalformedError, RecordTooLargeError } from '../../server/errors.ts'
import { type ExecVisitor, readExecRecord } from '../../server/formats/exec-record.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'
import { inputs, seedOf } from '../long.ts'
import { mutate } from './mutate.ts'
import { int, sampleRecord, seq, text, tlv, utcTime } from './sample-record.ts'
import { chunksOf, seeded } from './whole-record.ts'

/** What reading comes to, in a word; throws what no input may cause. */
async function outcome(record: Buffer, nextSize?: () => number): Promise<string> {
  let seenBytes = 0
  const count = async (_announced: unknown, chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) seenBytes += chunk.length
  }
  const visitor: ExecVisitor = {
    job() {},
    script: count,
    platform() {},
    uuid() {},
    consoleEntry: (_deltaNs, text) => void (seenBytes += text.length),
    artifact: (_path, sizeBytes, chunks) => count(sizeBytes, chunks),
  }
  try {
    const { job, uuid, result } = await readExecRecord(chunksOf(record, nextSize), visitor)
    return `read ${seenBytes} bytes of ${job} ${uuid} ${result.kind}`
  } catch (error) {
    if (error instanceof RecordTooLargeError) return error.message
    if (!(error instanceof MalformedError)) throw error
    if (error.offset < 0 || error.offset > record.length) throw error
    return error.message
  } finally {
    // Not expect(): a million of them take longer than the reading.
    if (seenBytes > record.length) throw new Error(`gave ${seenBytes} of ${record.length} bytes`)
  }
}

/** Every mutant is read whole and in small chunks: both come to the same. */
async function fuzz(records: readonly Buffer[], mutants: number, seed: number): Promise<Map<string, number>> {
  const random = seeded(seedOf(seed))
  const kinds = new Map<string, number>()
  for (let i = 0; i < mutants; i++) {
    const mutant = mutate(records[i % records.length] ?? Buffer.of(), random)
    const whole = await outcome(mutant)
    const split = await outcome(mutant, () => 1 + random(40))
    if (whole !== split) throw new Error(`${whole}, but in chunks ${split}: ${mutant.toString('hex')}`)
    const kind = whole.startsWith('read') ? 'read' : 'refused'
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  return kinds
}

const own = [
  sampleRecord(),
  sampleRecord({ times: seq(utcTime('260314150926Z'), utcTime('2603141519+0130')) }),
  sampleRecord({ result: tlv(0xa3, text('timeout')), output: seq() }),
  sampleRecord({
    console: seq(seq(int(0x3b, 0x9a, 0xca, 0), text('done')), seq(int(5), text(''))),
    output: seq(
      seq(text('bin/a'), text('x'.repeat(200))),
      seq(text('a/b'), text('')),
      seq(text('a/c'), text('c')),
    ),
  }),
]

test('mutants of own records are read or refused, however they are cut', async () => {
  const kinds = await fuzz(own, inputs(100_000), 1)
  expect(kinds.get('read')).toBeGreaterThan(inputs(1_000))
  expect(kinds.get('refused')).toBeGreaterThan(inputs(10_000))
})

describe.skipIf(!hasCorpus)('with the corpus', () => {
  test('mutants of real records are read or refused, however they are cut', async () => {
    const files = readdirSync(corpusPath('asn1')).filter((name) => /^(exec|edge|bad)-.*\.der$/.test(name))
    const records = files
      .map((name) => readFileSync(corpusPath('asn1', name)))
      .filter(({ length }) => length < 700)
    expect(records.length).toBeGreaterThan(100)
    const kinds = await fuzz(records, inputs(60_000), 2)
    expect(kinds.get('read')).toBeGreaterThan(inputs(1_000))
    expect(kinds.get('refused')).toBeGreaterThan(inputs(10_000))
  })
})
