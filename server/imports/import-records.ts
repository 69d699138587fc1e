import { rm, rmdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import pLimit from 'p-limit'
import {
  checkRecord,
  importRecord,
  type ImportDeps,
  type ImportOutcome,
  type RecordOptions,
} from './import-one.ts'
import { emptyReport, StoppedError, type ImportReport } from './import-report.ts'
import { findRecords, type RecordFile } from './record-files.ts'

export type ImportOptions = RecordOptions & {
  /** Only check the records. */
  isDryRun: boolean
  /** Delete the file of a record once its build is durable, or if the build is stored with the same content. */
  isDeleting: boolean
  signal: AbortSignal
  onProgress?: (report: ImportReport) => void
}

/** Builds that are stored at a time: their transactions are committed together (`groupCommits`). */
export const importsAtOnce = 16

/**
 * Imports all records below these paths. A bad record is noted, and the others go on. Can be run again: builds that are
 * stored already are counted, not stored twice. Throws StoppedError, and what would stop all others.
 */
export async function importRecords(
  deps: ImportDeps,
  paths: readonly string[],
  options: ImportOptions,
  report: ImportReport = emptyReport(),
): Promise<ImportReport> {
  const importOne = recordImporter(deps, options)
  const limit = pLimit(importsAtOnce)
  const running = new Set<Promise<void>>()
  let failure: { error: unknown } | null = null
  const start = (file: RecordFile) => {
    const run = limit(async () => note(report, file.name, await importOne(file)))
      .catch((error: unknown) => void (failure ??= { error }))
      .finally(() => {
        running.delete(run)
        options.onProgress?.(report)
      })
    running.add(run)
    return run
  }
  for await (const found of findRecords(paths)) {
    if ('reason' in found) report.refused.push(found)
    else if (found.isAlone) await start(found)
    else void start(found)
    while (running.size >= importsAtOnce) await Promise.race(running)
    if (failure || options.signal.aborted) break
  }
  await Promise.all(running)
  const failed = failure as { error: unknown } | null
  if (failed) throw failed.error
  if (options.signal.aborted) throw new StoppedError()
  return report
}

/** Imports, or checks, one record after the other or several at a time. */
export function recordImporter(
  deps: ImportDeps,
  { isDryRun, isDeleting, ...how }: RecordOptions & Pick<ImportOptions, 'isDryRun' | 'isDeleting'>,
): (file: RecordFile) => Promise<ImportOutcome> {
  const seen = new Set<string>()
  return async (file) => {
    if (isDryRun) return checkRecord(deps, file, how, seen)
    const outcome = await importRecord(deps, file, how)
    const isStored = outcome.kind === 'imported' || outcome.kind === 'present'
    if (isDeleting && file.path !== null && isStored) await remove(file.path, outcome.uuid)
    return outcome
  }
}

function note(report: ImportReport, name: string, outcome: ImportOutcome): void {
  if (outcome.kind === 'refused') report.refused.push({ name, reason: outcome.reason })
  else report[outcome.kind] += 1
}

/** Also removes the folder of the build that builder-server has made for the file, when it is empty. */
async function remove(path: string, uuid: string): Promise<void> {
  await rm(path, { force: true })
  const folder = dirname(path)
  if (basename(folder) === uuid) await rmdir(folder).catch(() => {})
}
