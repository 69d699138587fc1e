import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MalformedError, RecordTooLargeError } from '../../server/errors.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'
import { comparable, expected, otherTimes, readVerdicts, refused } from './verdicts.ts'
import { chunksOf, encodable, join, readWhole, seeded } from './whole-record.ts'

/** Records that builder writes as they were, and we with their paths in normal form. */
const normalized = ['exec-data-paths.der']

describe.skipIf(!hasCorpus)('with the corpus', () => {
  const verdicts = hasCorpus ? readVerdicts() : []
  const accepted = verdicts.filter(({ file, verdict }) => verdict === 'ok' && !(file in refused))

  test('it has the records that the tables name', () => {
    const files = verdicts.map(({ file }) => file)
    expect(files).toEqual(
      expect.arrayContaining([...Object.keys(refused), ...Object.keys(otherTimes), ...normalized]),
    )
    expect(accepted.length).toBe(70)
  })

  test.each(accepted)('$file is read as builder reads it, however it is cut', async (verdict) => {
    const bytes = readFileSync(corpusPath('asn1', verdict.file))
    const whole = await readWhole(chunksOf(bytes))
    expect(comparable(whole)).toEqual(expected(verdict))
    for (const nextSize of cuts(bytes.length))
      expect(comparable(await readWhole(chunksOf(bytes, nextSize)))).toEqual(comparable(whole))
  })

  test.each(verdicts.filter(({ verdict }) => verdict !== 'ok'))(
    '$file is refused, as by builder',
    async ({ file }) => {
      const bytes = readFileSync(corpusPath('asn1', file))
      const whole = await refusal(chunksOf(bytes))
      expect(whole instanceof MalformedError || whole instanceof RecordTooLargeError).toBe(true)
      for (const nextSize of cuts(bytes.length))
        expect(await refusal(chunksOf(bytes, nextSize))).toEqual(whole)
    },
  )

  test.each(Object.entries(refused))(
    '%s is refused, other than by builder',
    async (file, [offset, reason]) => {
      const error = await refusal(chunksOf(readFileSync(corpusPath('asn1', file))))
      expect(error).toMatchObject({ offset })
      expect(String(error)).toContain(`: ${reason}`)
    },
  )

  const identical = accepted.filter((it) => it.reencoded_identical && !normalized.includes(it.file))
  test.each(identical)('$file is encoded as by builder', async ({ file }) => {
    const bytes = readFileSync(corpusPath('asn1', file))
    const encoded = await join(encodeExecRecord(encodable(await readWhole(chunksOf(bytes)))))
    expect(encoded.equals(bytes)).toBe(true)
  })

  const recorded = hasCorpus
    ? [
        ...filesOf('exec', /\.exec$/),
        ...filesOf('http/upload', /\.body\.der$/),
        ...filesOf('web/full', /\.full$/),
      ]
    : []
  test.each(recorded)('%s is read', async (file) => {
    const bytes = readFileSync(corpusPath(file))
    const record = await readWhole(chunksOf(bytes, () => 4096))
    const again = await readWhole(encodeExecRecord(encodable(record)))
    expect(comparable(again)).toEqual(comparable(record))
  })
})

function filesOf(folder: string, name: RegExp): string[] {
  return readdirSync(corpusPath(folder))
    .filter((file) => name.test(file))
    .map((file) => `${folder}/${file}`)
}

/** Byte by byte, where that is not a million chunks, and at random. */
function cuts(sizeBytes: number): (() => number)[] {
  const random = seeded(sizeBytes)
  const atRandom = () => 1 + random(sizeBytes < 10_000 ? 50 : 5000)
  return sizeBytes < 10_000 ? [() => 1, atRandom] : [atRandom]
}

async function refusal(source: AsyncIterable<Uint8Array>): Promise<unknown> {
  return readWhole(source).then(
    () => null,
    (error: unknown) => error,
  )
}
