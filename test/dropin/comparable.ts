import { createHash } from 'node:crypto'
import { chunksOf, readWhole } from '../formats/whole-record.ts'

/**
 * JSON of builder-web and of Builder Hub in one form: its times have no fractions, and `-00:00` at
 * their end where `Z` says the same. Lists of a comparison have no order there, and of several
 * shortest diffs it may choose another one: the lines are the same then.
 */
export function comparableJson(value: unknown, { isOrdered }: { isOrdered: boolean }): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (key, it: unknown) => {
    if (key === 'diff' && typeof it === 'string') return it.split('\n').sort().join('\n')
    if (typeof it === 'string') return it.replace(/^(\d{4}-\d\d-\d\dT[\d:]+)(-00:00|\.\d+Z)$/, '$1Z')
    return Array.isArray(it) && !isOrdered ? it.map((item) => JSON.stringify(item)).sort() : it
  })
}

type Text = string | { base64: string }

/** What builder's decoder says of a record; the files of the corpus leave out long values. */
export type ToldRecord = {
  job: { name: Text; platform: Text; script: Text }
  uuid: string
  console: [deltaNs: number | string, text: Text][]
  started: string
  finished: string
  result: { kind: string; code?: number | string; msg?: Text }
  output: { path_normalized: Text; size: number; sha256: string }[]
}

/** builder-web forgets what is finer, and rounds. */
const toMs = (deltaNs: bigint) => String(Math.round(Number(deltaNs) / 1e6))

/** A record in the form in which both can be held against each other; its output in no order. */
export function toldForm(told: ToldRecord) {
  const { code, msg } = told.result
  return {
    job: told.job,
    uuid: told.uuid,
    console: told.console.map(([deltaNs, text]) => [toMs(BigInt(deltaNs)), text]),
    times: [told.started, told.finished].map((time) => time.replace(/\.(\d{3})\d*Z$/, '.$1Z')),
    result: [told.result.kind, msg ?? String(code)],
    output: told.output.map(({ path_normalized, size, sha256 }) => [path_normalized, size, sha256]).sort(),
  }
}

/** The same, read from a record by Builder Hub's own reader, which is held against builder's elsewhere. */
export async function readToldForm(der: Uint8Array): Promise<ReturnType<typeof toldForm>> {
  const record = await readWhole(chunksOf(der))
  const { result } = record
  const outcome =
    result.kind === 'exited'
      ? ['exited', String(result.code)]
      : result.kind === 'aborted'
        ? ['msg', textOf(result.message)]
        : [result.kind, String(result.signal)]
  return {
    job: { name: record.job, platform: record.platform, script: textOf(record.script) },
    uuid: record.uuid,
    console: record.console.toReversed().map(({ deltaNs, text }) => [toMs(deltaNs), textOf(text)]),
    times: [record.startedAt, record.finishedAt].map((at) => at.toISOString()),
    result: outcome,
    output: record.artifacts
      .map(({ path, data }) => [path, data.length, createHash('sha256').update(data).digest('hex')] as const)
      .map((file): [Text, number, string] => [...file])
      .sort(),
  }
}

/** Text, or bytes that are no UTF-8. */
function textOf(bytes: Uint8Array): Text {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') }
  }
}
