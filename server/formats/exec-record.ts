import { RecordTooLargeError } from '../errors.ts'
import { parseInteger } from './asn1-integer.ts'
import { checkLength, DerReader } from './der.ts'
import { type DerValue, derHeaderBytes, derLength, derTags, malformed } from './der-header.ts'
import {
  checkJobName,
  checkPlatformName,
  findPathConflict,
  maxNameBytes,
  normalizeArtifactPath,
  UnsafeNameError,
  maxPathBytes,
} from './exec-names.ts'
import { badUuid, parseUuid, uuidBytes } from './uuid-octets.ts'
import { decodeResult, decodeTimestamps, type ExecResult } from './exec-values.ts'

export type { ExecResult } from './exec-values.ts'

/** Facts of a record, without its large parts. `uuid` has the form 8-4-4-4-12 in lower case. */
export type ExecFacts = {
  job: string
  platform: string
  uuid: string
  startedAt: Date
  finishedAt: Date
  result: ExecResult
}

/**
 * Receives the parts of a record in their order. The reader awaits each call before it reads on. An exception
 * of a call ends the reading and propagates. Chunks that a call does not read are skipped. Chunks may be views
 * into the chunks of the source.
 */
export interface ExecVisitor {
  job(name: string): void | Promise<void>
  script(sizeBytes: number, chunks: AsyncIterable<Uint8Array>): Promise<void>
  platform(name: string): void | Promise<void>
  uuid(uuid: string): void | Promise<void>
  /** Console entries, newest first. `text` has raw bytes of any encoding, and is valid only during the call. */
  consoleEntry(deltaNs: bigint, text: Uint8Array): void | Promise<void>
  /** `path` is normalized (relative, without `.`, `..` or empty segments), and distinct from earlier paths. */
  artifact(path: string, sizeBytes: number, chunks: AsyncIterable<Uint8Array>): Promise<void>
}

/** Limits of a record. A record that exceeds one is refused with RecordTooLargeError. */
export type ExecLimits = {
  recordBytes: number
  scriptBytes: number
  consoleLines: number
  consoleLineBytes: number
  artifacts: number
  pathBytes: number
}

/** The default limits: far above every known record, and low enough to limit the memory of an upload. */
export const defaultExecLimits: ExecLimits = {
  recordBytes: 4 * 2 ** 30,
  scriptBytes: 64 * 2 ** 20,
  consoleLines: 5_000_000,
  consoleLineBytes: 2 ** 20,
  artifacts: 10_000,
  pathBytes: maxPathBytes,
}

/** The platform of old records, which do not name one. */
export const platformOfOldRecords = 'no-platform'

// A byte order mark is part of a name, like any other character.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Limit of the message of an aborted build. builder writes it ("timeout"); it never contains output of the build. */
const messageBytes = 64 * 2 ** 10
const timestampsBytes = 1024
const { integer, utf8String, sequence, explicit } = derTags

/**
 * Reads one build record (../../docs/decisions/003-record-deviations.md; `Exec` in builder's
 * lib/builder.ml) from its first byte to the end of `source`, with constant memory.
 *
 * Throws MalformedError('build record', offset, reason), RecordTooLargeError, and the exceptions of `visitor`
 * and `source`. It does not cancel `source`, so the caller can still drain it.
 */
export async function readExecRecord(
  source: AsyncIterable<Uint8Array>,
  visitor: ExecVisitor,
  limits: ExecLimits = defaultExecLimits,
): Promise<ExecFacts> {
  const der = new DerReader(source, 'build record')
  const outer = await der.read(der.input, 'the record', explicit(0))
  if (outer.end > limits.recordBytes) throw tooMany('bytes', limits.recordBytes)
  const record = await der.read(outer, 'the body', sequence)
  const names = await readJob(der, record, visitor, limits)
  const uuid = await readUuid(der, record)
  await visitor.uuid(uuid)
  await readConsole(der, record, visitor, limits)
  const timestamps = await der.readEncoded(record, 'the pair of times', timestampsBytes)
  const { startedAt, finishedAt } = decodeTimestamps(timestamps.value, timestamps.encoded)
  const ending = await der.readEncoded(record, 'the result', messageBytes + derHeaderBytes)
  const result = decodeResult(ending.value, ending.encoded)
  if (result.kind === 'aborted' && result.message.length > messageBytes)
    throw new RecordTooLargeError(
      `the message of the result has ${result.message.length} bytes; at most ${messageBytes} are allowed`,
    )
  await readOutput(der, record, visitor, limits)
  der.close(record)
  der.close(outer)
  await der.end()
  return { ...names, uuid, startedAt, finishedAt, result }
}

/**
 * ScriptJob ::= SEQUENCE { name UTF8String, script UTF8String, files SEQUENCE OF File, platform UTF8String OPTIONAL }
 */
async function readJob(der: DerReader, record: DerValue, visitor: ExecVisitor, limits: ExecLimits) {
  const fields = await der.read(record, 'the job', sequence)
  const job = await readName(der, await der.read(fields, 'job name', utf8String), checkJobName)
  await visitor.job(job)

  const script = await der.read(fields, 'script', utf8String)
  checkLength(script, limits.scriptBytes)
  await giveContent(der, script, (sizeBytes, chunks) => visitor.script(sizeBytes, chunks))

  await readJobFiles(der, fields, limits)
  const platform = der.isAtEnd(fields)
    ? platformOfOldRecords
    : await readName(der, await der.read(fields, 'platform name', utf8String), checkPlatformName)
  der.close(fields)
  await visitor.platform(platform)
  return { job, platform }
}

/** Files of the job. No known client sends any. Like builder, the reader checks their paths and drops them. */
async function readJobFiles(der: DerReader, job: DerValue, limits: ExecLimits): Promise<void> {
  const files = await der.read(job, 'files of the job', sequence)
  for (let count = 0; !der.isAtEnd(files); count++) {
    if (count === limits.artifacts) throw tooMany('files of the job', limits.artifacts)
    const file = await der.read(files, 'a file of the job', sequence)
    const path = await der.read(file, 'path of a file of the job', utf8String)
    const bytes = await der.readContent(path, limits.pathBytes)
    if (bytes.length === 0) throw malformed(path, 'is empty')
    if (bytes.includes(0)) throw malformed(path, 'contains a NUL')
    await der.skip(await der.read(file, 'data of a file of the job', utf8String))
    der.close(file)
  }
}

/** Sixteen raw bytes, tagged as text. */
async function readUuid(der: DerReader, record: DerValue): Promise<string> {
  const value = await der.read(record, 'uuid', utf8String)
  if (derLength(value) !== uuidBytes) throw badUuid(value, derLength(value))
  return parseUuid(await der.readContent(value, uuidBytes), value)
}

/** Console ::= SEQUENCE OF SEQUENCE { delta INTEGER, data UTF8String } */
async function readConsole(der: DerReader, record: DerValue, visitor: ExecVisitor, limits: ExecLimits) {
  const entries = await der.read(record, 'console', sequence)
  // What an entry of the longest text needs at most, so that no more than that is ever in memory.
  const maxEntryBytes = limits.consoleLineBytes + 2 * derHeaderBytes + 8
  for (let count = 0; !der.isAtEnd(entries); count++) {
    if (count === limits.consoleLines) throw tooMany('console entries', limits.consoleLines)
    // A console can have millions of entries, and most are in the current chunk: a promise for each header
    // would take longer than reading it.
    if (!der.isFilled(derHeaderBytes)) await der.fill(derHeaderBytes)
    const entry = der.open(entries, 'console entry', sequence)
    checkLength(entry, maxEntryBytes)
    if (!der.isFilled(derLength(entry))) await der.fill(derLength(entry))
    const delta = der.open(entry, 'delta of a console entry', integer)
    const deltaNs = parseInteger(der.take(delta), delta)
    const textValue = der.open(entry, 'text of a console entry', utf8String)
    checkLength(textValue, limits.consoleLineBytes)
    const text = der.take(textValue)
    der.close(entry)
    const done = visitor.consoleEntry(deltaNs, text)
    if (done) await done
  }
}

/** Output ::= SEQUENCE OF SEQUENCE { path UTF8String, data UTF8String } */
async function readOutput(der: DerReader, record: DerValue, visitor: ExecVisitor, limits: ExecLimits) {
  const output = await der.read(record, 'output', sequence)
  const places = new Map<string, DerValue>()
  while (!der.isAtEnd(output)) {
    if (places.size === limits.artifacts) throw tooMany('artifacts', limits.artifacts)
    const file = await der.read(output, 'artifact', sequence)
    const pathValue = await der.read(file, 'artifact path', utf8String)
    const path = checkText(
      pathValue,
      await der.readContent(pathValue, limits.pathBytes),
      normalizeArtifactPath,
    )
    const first = places.get(path)
    if (first) throw malformed(pathValue, `${JSON.stringify(path)} is there already, at byte ${first.offset}`)
    places.set(path, pathValue)
    const data = await der.read(file, 'artifact data', utf8String)
    await giveContent(der, data, (sizeBytes, chunks) => visitor.artifact(path, sizeBytes, chunks))
    der.close(file)
  }
  checkTogether(places)
}

/** Refuses artifacts whose paths cannot exist in one folder. */
function checkTogether(places: ReadonlyMap<string, DerValue>): void {
  const conflict = findPathConflict(places.keys())
  const place = conflict && places.get(conflict.file)
  if (!place) return
  const [file, inner] = [JSON.stringify(conflict.file), JSON.stringify(conflict.inner)]
  throw malformed(place, `${file} is a file, and the folder of ${inner}`)
}

async function giveContent(
  der: DerReader,
  value: DerValue,
  give: (sizeBytes: number, chunks: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const chunks = der.chunks(value)
  await give(derLength(value), chunks)
  // Ends iterators that a visitor kept: reading them later would consume bytes of the following parts.
  await chunks.return()
  await der.skip(value)
}

/** A name above the maximum length is malformed, not too large, because no setting allows it. */
async function readName(der: DerReader, value: DerValue, check: (name: string) => string): Promise<string> {
  if (derLength(value) > maxNameBytes) throw malformed(value, `is longer than ${maxNameBytes} bytes`)
  return checkText(value, await der.readContent(value, maxNameBytes), check)
}

/** Decodes `bytes` as UTF-8 and returns the result of `check` for the text. */
function checkText(value: DerValue, bytes: Uint8Array, check: (text: string) => string): string {
  try {
    return check(utf8.decode(bytes))
  } catch (error) {
    if (error instanceof UnsafeNameError) throw malformed(value, error.reason)
    if (error instanceof TypeError) throw malformed(value, 'is not UTF-8')
    throw error
  }
}

function tooMany(what: string, limit: number): RecordTooLargeError {
  return new RecordTooLargeError(`the record has more than ${limit} ${what}; no more are allowed`)
}
