import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MalformedError, RecordTooLargeError } from '../../server/errors.ts'
import type { ExecResult } from '../../server/formats/exec-record.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'
import { chunksOf, encodable, join, readWhole, seeded, type WholeRecord } from './whole-record.ts'

/** Text, or bytes that are no UTF-8. */
type Text = string | { base64: string }
/** What builder's own decoder says of a record; integers above 2^53 are strings. */
type Verdict = {
  file: string
  type: string
  verdict: 'ok' | 'error' | 'exception'
  reencoded_identical?: boolean
  value?: {
    job: { name: Text; platform: Text; script: Text }
    uuid: string
    console: [number | string, Text][]
    started: string
    finished: string
    result: { kind: string; code?: number | string; msg?: Text }
    output: { path_normalized: Text; size: number; sha256: string }[]
  }
}

/** Records that builder reads and we refuse, with the offset and the start of the reason (docs/decisions/003). */
const refused: Record<string, [offset: number, reason: string]> = {
  'exec-data-absolute.der': [210, 'artifact path "/srv/demo/evil-abs" is absolute'],
  'exec-data-dot.der': [103, 'artifact path "." names no file'],
  'exec-data-dotdot.der': [210, 'artifact path "../../etc/evil" contains ".."'],
  'exec-data-dslash.der': [210, 'artifact path "//srv/demo/evil-abs2" is absolute'],
  'exec-data-dup.der': [222, 'artifact path "bin/a" is there already, at byte 210'],
  'exec-data-path-invalid-utf8.der': [103, 'artifact path is not UTF-8'],
  'exec-empty-platform.der': [88, 'platform name "" is empty'],
  'exec-name-dotdot.der': [10, 'job name ".." is not a name'],
  'exec-name-empty.der': [10, 'job name "" is empty'],
  'exec-name-invalid-utf8.der': [10, 'job name is not UTF-8'],
  'exec-name-slash.der': [10, 'job name "a/b" contains "/"'],
  'exec-uuid-17.der': [38, 'uuid has 17 bytes instead of 16'],
  'exec-uuid-text.der': [38, 'uuid has 36 bytes instead of 16'],
}

/** Records whose times builder misreads: fractions of a second as whole milliseconds. */
const otherTimes: Record<string, { started: string; finished: string }> = {
  'exec-gentime-frac1.der': { started: '2026-03-14T15:09:26.500Z', finished: '2026-03-14T15:19:27.250Z' },
}

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

  test.each(accepted)('$file is read as builder reads it, however it is cut', async ({ file, value }) => {
    const bytes = readFileSync(corpusPath('asn1', file))
    const whole = await readWhole(chunksOf(bytes))
    expect(comparable(whole)).toEqual(expected(value, otherTimes[file]))
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

function readVerdicts(): Verdict[] {
  const files = readdirSync(corpusPath('asn1')).filter((name) => /^(exec|edge|bad)-.*\.json$/.test(name))
  return files
    .map((name) => readFileSync(corpusPath('asn1', name), 'utf8'))
    .map((json) => JSON.parse(json.replace(/(?<=[:[]\s*)-?\d{16,}(?=\s*[,}\]])/g, '"$&"')) as Verdict)
    .filter(({ type }) => type === 'exec')
}

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

/** A record with digests for content: comparing megabytes octet by octet takes minutes. */
function comparable({ script, console, artifacts, ...facts }: WholeRecord) {
  return {
    ...facts,
    script: sha256(script),
    console: console.map(({ deltaNs, text }) => `${deltaNs} ${text.toString('hex')}`),
    artifacts: artifacts.map(({ path, sizeBytes, data }) => ({
      path,
      sizeBytes,
      sha256: sha256(data),
    })),
  }
}

function expected(value: Verdict['value'], times: { started: string; finished: string } | undefined = value) {
  if (!value || !times) throw new Error('a verdict without a value')
  return {
    job: textOf(value.job.name),
    platform: textOf(value.job.platform),
    uuid: value.uuid,
    startedAt: instantOf(times.started),
    finishedAt: instantOf(times.finished),
    result: resultOf(value.result),
    script: sha256(bytesOf(value.job.script)),
    scriptSizeBytes: bytesOf(value.job.script).length,
    console: value.console
      .map(([delta, text]) => `${BigInt(delta)} ${bytesOf(text).toString('hex')}`)
      .reverse(),
    artifacts: value.output.map(({ path_normalized, size, sha256 }) => ({
      path: textOf(path_normalized).replace(/\/$/, ''),
      sizeBytes: size,
      sha256,
    })),
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function resultOf({ kind, code, msg }: { kind: string; code?: number | string; msg?: Text }): ExecResult {
  if (kind === 'msg') return { kind: 'aborted', message: Uint8Array.from(bytesOf(msg ?? '')) }
  if (kind === 'exited') return { kind, code: BigInt(code ?? '') }
  if (kind === 'signalled' || kind === 'stopped') return { kind, signal: BigInt(code ?? '') }
  throw new Error(`a result of kind ${kind}`)
}

/** Picoseconds in the verdicts, milliseconds here. */
function instantOf(time: string): Date {
  return new Date(time.replace(/(\.\d{3})\d*Z$/, '$1Z'))
}

function bytesOf(text: Text): Buffer {
  return typeof text === 'string' ? Buffer.from(text) : Buffer.from(text.base64, 'base64')
}

function textOf(text: Text): string {
  return bytesOf(text).toString()
}
