import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import {
  checkJobName,
  checkPlatformName,
  findPathConflict,
  normalizeArtifactPath,
  UnsafeNameError,
} from '../../formats/exec-names.ts'
import type { ExecFacts } from '../../formats/exec-record.ts'
import type { BuildParts } from '../../uploads/receive-build.ts'
import { SourceError } from '../import-report.ts'
import { resultOf } from './build-result.ts'
import type { ArtifactRow, BuildRow } from './builder-web-database.ts'
import { readConsoleFile } from './console-file.ts'

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const chunkBytes = 256 * 1024
const msPerDay = 86_400_000n
const psPerMs = 1_000_000_000n

/** The facts of a build, as a record would have them. Throws SourceError, UnsafeNameError. */
export function factsOf(row: BuildRow): ExecFacts {
  const uuid = row.uuid.toLowerCase()
  if (!uuidForm.test(uuid)) throw new SourceError(`${JSON.stringify(row.uuid)} is no UUID`)
  return {
    uuid,
    job: named('job name', () => checkJobName(row.job)),
    platform: named('platform name', () => checkPlatformName(row.platform)),
    startedAt: timeOf('start', row.startDay, row.startPs),
    finishedAt: timeOf('finish', row.finishDay, row.finishPs),
    result: resultOf(row.resultCode, row.resultMessage),
  }
}

/** Artifacts with normalized paths. Throws SourceError, UnsafeNameError. */
export function artifactsOf(rows: readonly ArtifactRow[]): ArtifactRow[] {
  const artifacts = rows.map((row) => ({
    ...row,
    path: named('artifact path', () => normalizeArtifactPath(row.path)),
  }))
  const paths = new Set<string>()
  for (const { path } of artifacts) {
    if (paths.has(path)) throw new SourceError(`two artifacts have the path ${JSON.stringify(path)}`)
    paths.add(path)
  }
  const conflict = findPathConflict(paths)
  if (conflict)
    throw new SourceError(
      `${JSON.stringify(conflict.file)} is a file, and the folder of ${JSON.stringify(conflict.inner)}`,
    )
  return artifacts
}

/**
 * Passes the parts of a build from builder-web's files, in the order of a record. Each artifact is held against the
 * hash and the length of its row. Throws SourceError if a file is missing or damaged.
 */
export async function giveBuild(
  dataDir: string,
  row: BuildRow,
  facts: ExecFacts,
  artifacts: readonly ArtifactRow[],
  parts: BuildParts,
): Promise<ExecFacts> {
  await parts.job(facts.job)
  await parts.uuid(facts.uuid)
  await parts.script(readFile(await pathWithin(dataDir, 'script', row.script)))
  const console = await pathWithin(dataDir, 'console', row.console)
  for await (const { deltaNs, text } of translated(console, readConsoleFile(console))) {
    const done = parts.consoleEntry(deltaNs, text)
    if (done) await done
  }
  for (const artifact of artifacts) {
    const { path, sha256 } = artifact
    await parts.artifact(path, checked(await artifactFile(dataDir, sha256), artifact))
  }
  const { readme } = row
  if (readme !== null) await parts.artifact('README.md', once(readme))
  return facts
}

/** Passes the bytes of an artifact on. Throws SourceError at the end if they are not those of the row. */
async function* checked(
  file: string,
  { path, sha256, sizeBytes }: ArtifactRow,
): AsyncGenerator<Uint8Array, void, void> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of readFile(file)) {
    hash.update(chunk)
    bytes += chunk.length
    yield chunk
  }
  if (bytes !== sizeBytes)
    throw new SourceError(`${file} (${path}) is damaged: it has ${bytes} bytes instead of ${sizeBytes}`)
  if (hash.digest('hex') !== sha256)
    throw new SourceError(`${file} (${path}) is damaged: its SHA-256 is another one`)
}

async function* readFile(path: string): AsyncGenerator<Uint8Array, void, void> {
  const stream = createReadStream(path, { highWaterMark: chunkBytes })
  try {
    yield* translated(path, stream as AsyncIterable<Uint8Array>)
  } finally {
    stream.destroy()
  }
}

/**
 * Path of the file of an artifact. Its folder may be a link, as to a larger disk, but no link in it may lead out of it.
 * Throws SourceError.
 */
export function artifactFile(dataDir: string, sha256: string): Promise<string> {
  const folder = join(dataDir, '_artifacts')
  return checkWithin(folder, join(folder, sha256.slice(0, 2), sha256))
}

/** A row may name any file of the machine: only those within the data directory are read. */
async function pathWithin(dataDir: string, what: string, path: string): Promise<string> {
  const normalized = named(`path of the ${what}`, () => normalizeArtifactPath(path))
  return checkWithin(dataDir, join(dataDir, normalized))
}

/** Throws SourceError if a link leads out of the folder. */
async function checkWithin(folder: string, path: string): Promise<string> {
  const [top, file] = await Promise.all([folder, path].map((one) => realpath(one))).catch(
    (error: unknown) => {
      if (!(error instanceof Error && 'syscall' in error)) throw error
      throw new SourceError(`${path} cannot be read: ${error.message}`)
    },
  )
  if (file?.startsWith(`${top}${sep}`)) return path
  throw new SourceError(`${path} is a link that leads out of ${folder}: put the file in its place`)
}

/** A file that cannot be read is no bug. Errors of who reads do not pass through here. */
async function* translated<Value>(
  path: string,
  source: AsyncIterable<Value>,
): AsyncGenerator<Value, void, void> {
  try {
    yield* source
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new SourceError(`${path} cannot be read: ${error.message}`)
  }
}

function timeOf(what: string, day: bigint, ps: bigint): Date {
  const time = new Date(Number(day * msPerDay + ps / psPerMs))
  const isTime =
    ps >= 0n && ps < msPerDay * psPerMs && time.getTime() <= Date.parse('9999-12-31T23:59:59.999Z')
  if (!isTime || !(time.getTime() >= Date.parse('0000-01-01T00:00:00Z')))
    throw new SourceError(`its ${what} is no time (day ${day}, ${ps} ps)`)
  return time
}

function named(what: string, check: () => string): string {
  try {
    return check()
  } catch (error) {
    throw error instanceof UnsafeNameError ? new SourceError(`${what} ${error.reason}`) : error
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes
}
