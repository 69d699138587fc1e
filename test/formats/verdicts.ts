import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { ExecResult } from '../../server/formats/exec-record.ts'
import { corpusPath } from '../corpus.ts'
import type { WholeRecord } from './whole-record.ts'

/** Text, or bytes that are no UTF-8. */
type Text = string | { base64: string }
/** What builder's own decoder says of a record; integers above 2^53 are strings. */
export type Verdict = {
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
export const refused: Record<string, [offset: number, reason: string]> = {
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
export const otherTimes: Record<string, { started: string; finished: string }> = {
  'exec-gentime-frac1.der': { started: '2026-03-14T15:09:26.500Z', finished: '2026-03-14T15:19:27.250Z' },
}

/** What builder says of each record of the corpus. */
export function readVerdicts(): Verdict[] {
  const files = readdirSync(corpusPath('asn1')).filter((name) => /^(exec|edge|bad)-.*\.json$/.test(name))
  return files
    .map((name) => readFileSync(corpusPath('asn1', name), 'utf8'))
    .map((json) => JSON.parse(json.replace(/(?<=[:[]\s*)-?\d{16,}(?=\s*[,}\]])/g, '"$&"')) as Verdict)
    .filter(({ type }) => type === 'exec')
}

/** A record with digests for content: comparing megabytes octet by octet takes minutes. */
export function comparable({ script, console, artifacts, ...facts }: WholeRecord) {
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

/** What builder's decoder tells of a record, in the same form; its times as we read them. */
export function expected({ file, value }: Verdict) {
  if (!value) throw new Error('a verdict without a value')
  const times = otherTimes[file] ?? value
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
