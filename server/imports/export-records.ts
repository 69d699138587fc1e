import { open, mkdir, rename, rm, stat } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pack } from 'tar-stream'
import { addEntry, headerOf } from '../artifacts/archive.ts'
import { errorCode } from '../blobs/storage-full.ts'
import { DamagedBlobError } from '../blobs/checked-stream.ts'
import { checkPresent } from '../blobs/check-present.ts'
import { findStoredRecord } from '../builds/stored-record.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import { encodeStreamedRecord, type ExecContent } from '../formats/exec-record-encoder.ts'
import type { BuildId } from '../ids.ts'
import { writeAll } from '../blobs/stage-file.ts'
import { StoppedError, type Refused } from './import-report.ts'

/** The builds that are exported. */
export type ExportChoice =
  | { kind: 'all' }
  | { kind: 'uuids'; uuids: readonly string[] }
  | { kind: 'job'; job: string; platform: string | null }

export type ExportReport = {
  /** Records that were written. */
  exported: number
  /** Files that were there, and complete. */
  present: number
  bytes: number
  refused: Refused[]
}

/** The destination cannot be used, or nothing can be exported. */
export class ExportError extends DomainError {
  override readonly name = 'ExportError'
}

type ExportDeps = Pick<Deps, 'blobs' | 'db' | 'log' | 'writer'>

type Place = { isTar: boolean; path: string }

/** A record that is to be written as `path`, relative to the destination. */
type Exported = { path: string; record: ExecContent; modifiedAt: Date }

const buildsPerPage = 500

/**
 * Writes records of builds: `JOB/UUID/full` below a folder, as builder-server does, or in a tar archive. The bytes are those
 * of `/exec`. A build whose content is missing or damaged is noted, and the others go on. Files appear when they are
 * complete and durable; those that are there are left alone, so an interrupted export can be run again.
 */
export async function exportRecords(
  deps: ExportDeps,
  choice: ExportChoice,
  place: Place,
  { signal, onProgress = () => {} }: { signal: AbortSignal; onProgress?: (report: ExportReport) => void },
): Promise<ExportReport> {
  const report: ExportReport = { exported: 0, present: 0, bytes: 0, refused: [] }
  const records = chosenRecords(deps, choice, report, signal)
  if (place.isTar) await writeArchive(place.path, records, report, onProgress)
  else
    for await (const one of records) {
      await writeRecordFile(place.path, one, report)
      onProgress(report)
    }
  return report
}

async function* chosenRecords(
  deps: ExportDeps,
  choice: ExportChoice,
  report: ExportReport,
  signal: AbortSignal,
): AsyncGenerator<Exported, void, void> {
  for await (const { job, uuid } of chosenBuilds(deps, choice, report)) {
    if (signal.aborted) throw new StoppedError()
    try {
      const found = await findStoredRecord(deps, job, uuid, signal)
      // It was removed meanwhile.
      if (!found) continue
      await checkPresent(deps.blobs, found.content)
      yield {
        path: `${job}/${uuid}/full`,
        record: encodeStreamedRecord(found.record),
        modifiedAt: found.modifiedAt,
      }
    } catch (error) {
      if (!(error instanceof DamagedBlobError)) throw error
      report.refused.push({ name: `build ${uuid} of job ${job}`, reason: error.message })
    }
  }
}

async function* chosenBuilds(
  { db }: Pick<ExportDeps, 'db'>,
  choice: ExportChoice,
  report: ExportReport,
): AsyncGenerator<{ job: string; uuid: string }, void, void> {
  if (choice.kind === 'uuids') {
    for (const uuid of choice.uuids) {
      const found = await db.build.findUnique({
        where: { uuid: uuid.toLowerCase() },
        select: { uuid: true, job: { select: { name: true } } },
      })
      if (found) yield { job: found.job.name, uuid: found.uuid }
      else report.refused.push({ name: `build ${uuid}`, reason: 'there is no such build' })
    }
    return
  }
  const where = choice.kind === 'all' ? {} : await whereOf(db, choice)
  let after = 0 as BuildId
  for (;;) {
    const page = await db.build.findMany({
      where: { ...where, id: { gt: after } },
      orderBy: { id: 'asc' },
      take: buildsPerPage,
      select: { id: true, uuid: true, job: { select: { name: true } } },
    })
    for (const { uuid, job } of page) yield { job: job.name, uuid }
    const last = page.at(-1)
    if (!last) return
    after = last.id
  }
}

async function whereOf(db: Deps['db'], { job, platform }: { job: string; platform: string | null }) {
  const found = await db.job.findUnique({ where: { name: job }, select: { id: true } })
  if (!found) throw new ExportError(`there is no job ${job}`)
  if (platform === null) return { jobId: found.id }
  const ofPlatform = await db.platform.findUnique({ where: { name: platform }, select: { id: true } })
  if (!ofPlatform) throw new ExportError(`there is no platform ${platform}`)
  return { jobId: found.id, platformId: ofPlatform.id }
}

/** Writes the file of a record whole, or not at all. */
async function writeRecordFile(
  folder: string,
  { path, record }: Exported,
  report: ExportReport,
): Promise<void> {
  const file = join(folder, path)
  if ((await sizeOf(file)) === record.sizeBytes) {
    report.present += 1
    return
  }
  const unfinished = `${file}.part`
  await mkdir(dirname(file), { recursive: true })
  try {
    const handle = await open(unfinished, 'w')
    try {
      for await (const chunk of record.data()) await writeAll(handle, [chunk])
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true })
    if (!(error instanceof DamagedBlobError)) throw error
    report.refused.push({ name: file, reason: error.message })
    return
  }
  report.exported += 1
  report.bytes += record.sizeBytes
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

/** Content that turns out to be damaged while it is written ends the archive: half of it would be in there. */
async function writeArchive(
  file: string,
  records: AsyncIterable<Exported>,
  report: ExportReport,
  onProgress: (report: ExportReport) => void,
): Promise<void> {
  if ((await sizeOf(file)) !== null)
    throw new ExportError(`${file} is there already: move it away, or name another file`)
  const unfinished = `${file}.part`
  const archive = pack()
  const writing = pipeline(archive, createWriteStream(unfinished, { flush: true }))
  writing.catch(() => {})
  try {
    for await (const { path, record, modifiedAt } of records) {
      await addEntry(archive, headerOf({ path, sizeBytes: record.sizeBytes }, modifiedAt), bytesOf(record))
      report.exported += 1
      report.bytes += record.sizeBytes
      onProgress(report)
    }
    archive.finalize()
    await writing
    await rename(unfinished, file)
  } catch (error) {
    archive.destroy()
    await writing.catch(() => {})
    await rm(unfinished, { force: true })
    if (!(error instanceof DamagedBlobError)) throw error
    throw new ExportError(`${file} is not written: ${error.message}`)
  }
}

async function* bytesOf(record: ExecContent): AsyncGenerator<Uint8Array, void, void> {
  yield* record.data()
}
