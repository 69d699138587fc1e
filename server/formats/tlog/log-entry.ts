import { MalformedError } from '../../errors.ts'
import { asList, asObject, asText, parseStrictJson } from '../signing/strict-json.ts'

// Browsers and Node.js both run this file.

/**
 * What happened. `attestation`: a statement was signed, or received. `key`: a key signs from now on. `revocation`: what a key has signed
 * since `since` proves nothing. `removal`: a statement is no longer published. `reset`: the log continues another one, which had this
 * root.
 */
export const entryKinds = ['attestation', 'key', 'revocation', 'removal', 'reset'] as const
export type EntryKind = (typeof entryKinds)[number]

/**
 * An entry of the log. It has hashes and times, and no names: nothing can be taken out of a log. `sha256` is of the exact bytes of an
 * envelope, or of a public key, in hexadecimal digits; times are seconds since 1970.
 */
export type LogEntry = {
  kind: EntryKind
  sha256: string
  /** Of files that it is about: at most 8. */
  subjects: string[]
  /** Id of the key that has signed. */
  keyid: string
  time: number
  /** Of a revocation. */
  since?: number
}

export const maxEntryBytes = 1024
export const maxSubjects = 8

const format = 'entry of the log'
const isHash = (text: string) => /^[0-9a-f]{64}$/.test(text)

/** The bytes that the tree is over: JSON with the keys in the order of their names, and no blanks. */
export function printEntry({
  kind,
  sha256,
  subjects,
  keyid,
  time,
  since,
}: LogEntry): Uint8Array<ArrayBuffer> {
  const text = JSON.stringify({ keyid, kind, sha256, since, subjects, time, v: 1 })
  return Uint8Array.from(new TextEncoder().encode(text))
}

/** Reads an entry. Throws MalformedError. */
export function parseEntry(bytes: Uint8Array): LogEntry {
  const value = asObject(parseStrictJson(bytes, format, maxEntryBytes), format, 'it')
  const kind = asText(value['kind'], format, 'kind')
  if (value['v'] !== 1 || !isEntryKind(kind))
    throw new MalformedError(format, 0, 'it is of a version, or kind, that is not known here')
  const time = (name: string) => {
    const seconds = value[name]
    if (typeof seconds !== 'number' || !Number.isSafeInteger(seconds) || seconds < 0)
      throw new MalformedError(format, 0, `${name} is no time`)
    return seconds
  }
  const hash = (text: string, name: string) => {
    if (!isHash(text)) throw new MalformedError(format, 0, `${name} is no SHA-256`)
    return text
  }
  const keyid = asText(value['keyid'], format, 'keyid')
  return {
    kind,
    sha256: hash(asText(value['sha256'], format, 'sha256'), 'sha256'),
    subjects: asList(value['subjects'], format, 'subjects', maxSubjects).map((one) =>
      hash(asText(one, format, 'a subject'), 'a subject'),
    ),
    keyid: keyid === '' ? '' : hash(keyid, 'keyid'),
    time: time('time'),
    ...(value['since'] === undefined ? {} : { since: time('since') }),
  }
}

const isEntryKind = (text: string): text is EntryKind => (entryKinds as readonly string[]).includes(text)
