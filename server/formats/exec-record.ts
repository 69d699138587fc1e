import { RecordTooLargeError } from '../errors.ts'
import { DerReader, type DerValue, derHeaderBytes, derInput, derTags } from './der.ts'
import {
  checkJobName,
  checkPlatformName,
  findPathConflict,
  normalizeArtifactPath,
  UnsafeNameError,
} from './exec-names.ts'
import { decodeResult, decodeTimestamps, type ExecResult, parseInteger } from './exec-values.ts'

export type { ExecResult } from './exec-values.ts'

/** Facts that remain in memory when the whole record has been read. `uuid` is 8-4-4-4-12 in lower case. */
export type ExecFacts = {
  job: string
  platform: string
  uuid: string
  startedAt: Date
  finishedAt: Date
  result: ExecResult
}

/**
 * Receives the parts in the order in which they stand in the record. Each call is awaited before
 * reading goes on; what it throws ends the reading and propagates. Chunks that a call leaves
 * unread are skipped; they may be views into the source's chunks.
 */
export interface ExecVisitor {
  job(name: string): void | Promise<void>
  script(sizeBytes: number, chunks: AsyncIterable<Uint8Array>): Promise<void>
  platform(name: string): void | Promise<void>
  uuid(uuid: string): void | Promise<void>
  /** Newest first. `text` holds the bytes as they are, whatever their encoding, and is valid during the call only. */
  consoleEntry(deltaNs: bigint, text: Uint8Array): void | Promise<void>
  /** `path` is normalized: relative, without `.`, `..` or empty segments, and not given before. */
  artifact(path: string, sizeBytes: number, chunks: AsyncIterable<Uint8Array>): Promise<void>
}

/** What a record may hold at most. What exceeds it is refused with RecordTooLargeError. */
export type ExecLimits = {
  recordBytes: number
  scriptBytes: number
  consoleLines: number
  consoleLineBytes: number
  artifacts: number
  pathBytes: number
}

/** Far above every record known, and low enough that what has to be in memory at once stays small. */
export const defaultExecLimits: ExecLimits = {
  recordBytes: 4 * 2 ** 30,
  scriptBytes: 64 * 2 ** 20,
  consoleLines: 5_000_000,
  consoleLineBytes: 2 ** 20,
  artifacts: 10_000,
  pathBytes: 1024,
}

/** The platform of old records, which do not name one. */
export const platformOfOldRecords = 'no-platform'

const format = 'build record'
const uuidBytes = 16
/** A message is upstream's own words ("timeout"), never a build's output. */
const resultBytes = 64 * 2 ** 10
const timestampsBytes = 1024
const { integer, utf8String, sequence, explicit } = derTags

/**
 * Reads one build record (../../docs/decisions/003-record-deviations.md; `Exec` in builder's
 * lib/builder.ml) from its first byte to the end of `source`, with constant memory.
 *
 * Throws MalformedError('build record', offset, reason), RecordTooLargeError, and what `visitor`
 * or `source` throw. It then stops without cancelling `source`, so the caller can still drain it.
 */
export async function readExecRecord(
  source: AsyncIterable<Uint8Array>,
  visitor: ExecVisitor,
  limits: ExecLimits = defaultExecLimits,
): Promise<ExecFacts> {
  const der = new DerReader(source, format)
  const outer = await der.read(derInput, 'the record', explicit(0))
  if (outer.end > limits.recordBytes) {
    throw new RecordTooLargeError(
      `the record has ${outer.end} bytes; at most ${limits.recordBytes} are allowed`,
    )
  }
  const record = await der.read(outer, 'the record', sequence)
  const names = await readJob(der, record, visitor, limits)
  const uuid = await readUuid(der, record)
  await visitor.uuid(uuid)
  await readConsole(der, record, visitor, limits)
  const timestamps = decodeTimestamps({
    format,
    ...(await der.readEncoded(record, 'timestamps', timestampsBytes)),
  })
  const result = decodeResult({ format, ...(await der.readEncoded(record, 'result', resultBytes)) })
  await readOutput(der, record, visitor, limits)
  der.close(record)
  der.close(outer)
  await der.end()
  return { ...names, uuid, ...timestamps, result }
}

/** ScriptJob ::= SEQUENCE { name UTF8String, script UTF8String, files SEQUENCE OF File, platform UTF8String OPTIONAL } */
async function readJob(der: DerReader, record: DerValue, visitor: ExecVisitor, limits: ExecLimits) {
  const fields = await der.read(record, 'the job', sequence)
  const job = await readText(
    der,
    await der.read(fields, 'job name', utf8String),
    limits.pathBytes,
    checkJobName,
  )
  await visitor.job(job)

  const script = await der.read(fields, 'script', utf8String)
  if (script.end - script.start > limits.scriptBytes) throw tooMany('bytes in the script', limits.scriptBytes)
  await giveContent(der, script, (sizeBytes, chunks) => visitor.script(sizeBytes, chunks))

  await readJobFiles(der, fields, limits)
  const platform = der.isAtEnd(fields)
    ? platformOfOldRecords
    : await readText(der, await der.read(fields, 'platform', utf8String), limits.pathBytes, checkPlatformName)
  der.close(fields)
  await visitor.platform(platform)
  return { job, platform }
}

/** Files of the job: nobody sends any, and builder drops them, but not without a look at their paths. */
async function readJobFiles(der: DerReader, job: DerValue, limits: ExecLimits): Promise<void> {
  const files = await der.read(job, 'files of the job', sequence)
  for (let count = 0; !der.isAtEnd(files); count++) {
    if (count === limits.artifacts) throw tooMany('files of the job', limits.artifacts)
    const file = await der.read(files, 'a file of the job', sequence)
    const path = await der.read(file, 'path of a file of the job', utf8String)
    const bytes = await der.readContent(path, limits.pathBytes)
    if (bytes.length === 0) throw der.malformed(path.offset, `${path.what} is empty`)
    if (bytes.includes(0)) throw der.malformed(path.offset, `${path.what} contains a NUL`)
    await der.skip(await der.read(file, 'data of a file of the job', utf8String))
    der.close(file)
  }
}

/** Sixteen raw bytes, tagged as text. */
async function readUuid(der: DerReader, record: DerValue): Promise<string> {
  const value = await der.read(record, 'uuid', utf8String)
  const size = value.end - value.start
  if (size !== uuidBytes) throw der.malformed(value.offset, `uuid has ${size} bytes instead of ${uuidBytes}`)
  const hex = Buffer.from(await der.readContent(value, uuidBytes)).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** Console ::= SEQUENCE OF SEQUENCE { delta INTEGER, data UTF8String } */
async function readConsole(der: DerReader, record: DerValue, visitor: ExecVisitor, limits: ExecLimits) {
  const entries = await der.read(record, 'console', sequence)
  const maxEntryBytes = limits.consoleLineBytes + 2 * derHeaderBytes + 8
  for (let count = 0; !der.isAtEnd(entries); count++) {
    if (count === limits.consoleLines) throw tooMany('console entries', limits.consoleLines)
    // A console has up to millions of entries, and most lie in the chunk at hand: a promise for
    // each header would cost more than the reading.
    if (!der.isFilled(derHeaderBytes)) await der.fill(derHeaderBytes)
    const entry = der.open(entries, 'console entry', sequence)
    const size = entry.end - entry.start
    if (size > maxEntryBytes) throw tooMany('bytes in a console entry', limits.consoleLineBytes)
    if (!der.isFilled(size)) await der.fill(size)
    const delta = der.open(entry, 'delta of a console entry', integer)
    const deltaNs = parseInteger(der.take(delta), { format, offset: delta.offset, what: delta.what })
    const text = der.take(der.open(entry, 'text of a console entry', utf8String))
    der.close(entry)
    const done = visitor.consoleEntry(deltaNs, text)
    if (done) await done
  }
}

/** Output ::= SEQUENCE OF SEQUENCE { path UTF8String, data UTF8String } */
async function readOutput(der: DerReader, record: DerValue, visitor: ExecVisitor, limits: ExecLimits) {
  const output = await der.read(record, 'output', sequence)
  const offsets = new Map<string, number>()
  while (!der.isAtEnd(output)) {
    if (offsets.size === limits.artifacts) throw tooMany('artifacts', limits.artifacts)
    const file = await der.read(output, 'artifact', sequence)
    const pathValue = await der.read(file, 'artifact path', utf8String)
    const path = await readText(der, pathValue, limits.pathBytes, normalizeArtifactPath)
    if (offsets.has(path)) {
      throw der.malformed(pathValue.offset, `artifact path ${JSON.stringify(path)} occurs twice`)
    }
    offsets.set(path, pathValue.offset)
    const data = await der.read(file, 'artifact data', utf8String)
    await giveContent(der, data, (sizeBytes, chunks) => visitor.artifact(path, sizeBytes, chunks))
    der.close(file)
  }
  const conflict = findPathConflict(offsets.keys())
  if (!conflict) return
  const { file, inner } = conflict
  const reason = `artifact path ${JSON.stringify(file)} is a file and the folder of ${JSON.stringify(inner)}`
  throw der.malformed(Math.max(offsets.get(file) ?? 0, offsets.get(inner) ?? 0), reason)
}

async function giveContent(
  der: DerReader,
  value: DerValue,
  give: (sizeBytes: number, chunks: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const chunks = der.chunks(value)
  await give(value.end - value.start, chunks)
  // Ends chunks that were kept: reading them later would take bytes of what follows.
  await chunks.return()
  await der.skip(value)
}

/** Text of a name or path: UTF-8 that `check` lets pass. */
async function readText(
  der: DerReader,
  value: DerValue,
  maxBytes: number,
  check: (text: string) => string,
): Promise<string> {
  const bytes = await der.readContent(value, maxBytes)
  try {
    // A byte order mark is a character of the name like any other.
    return check(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (error) {
    if (error instanceof UnsafeNameError) throw der.malformed(value.offset, error.reason)
    if (error instanceof TypeError) throw der.malformed(value.offset, `${value.what} is not UTF-8`)
    throw error
  }
}

function tooMany(what: string, limit: number): RecordTooLargeError {
  return new RecordTooLargeError(`the record has too many ${what}; at most ${limit} are allowed`)
}
