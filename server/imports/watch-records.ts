import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { BusyError, StorageFullError } from '../errors.ts'
import type { ImportDeps, ImportOutcome } from './import-one.ts'
import { recordImporter, type ImportOptions } from './import-records.ts'
import { findRecords, type RecordFile } from './record-files.ts'

export type WatchOptions = ImportOptions & {
  /** Pause between two looks at the folders. */
  intervalMs: number
  /** Pause before a record is tried again that was refused for a reason outside of it, e.g. the rights of the user. */
  retryMs: number
  /** Told of each record, and of each folder that cannot be read. */
  onOutcome: (name: string, outcome: ImportOutcome) => void
  /** Told that nothing can be stored at present. The record is tried again. */
  onDelay: (reason: string) => void
}

/** What a look at a file has found. It changes whenever the file is written. */
type State = string

/** What became of a file. `refusal` is null if it was not refused; `retryAt` is a time of `performance.now`. */
type Done = { state: State; refusal: string | null; retryAt: number }

/**
 * Imports records as they appear below these paths, until `signal` is aborted. A file is read once it has not changed
 * between two looks, so that one that is being written is left alone. A refused record is tried again when its file
 * has changed; and after a while, if it was not refused because of what it contains. Memory: a line for each file that stays.
 */
export async function watchRecords(
  deps: ImportDeps,
  paths: readonly string[],
  { intervalMs, retryMs, onOutcome, onDelay, signal, ...options }: WatchOptions,
): Promise<void> {
  const importOne = recordImporter(deps, options)
  const looks = new Map<string, State>()
  const done = new Map<string, Done>()

  async function take(file: RecordFile, state: State): Promise<void> {
    try {
      const { name } = file
      const outcome = await importOne(file)
      const refusal = outcome.kind === 'refused' ? outcome.reason : null
      // An attempt that fails as the one before is no news.
      if (refusal === null || done.get(name)?.refusal !== refusal) onOutcome(name, outcome)
      const isPassing = outcome.kind === 'refused' && outcome.isPassing
      done.set(name, { state, refusal, retryAt: isPassing ? performance.now() + retryMs : Infinity })
    } catch (error) {
      if (!(error instanceof BusyError) && !(error instanceof StorageFullError)) throw error
      onDelay(error.message)
    }
  }

  while (!signal.aborted) {
    const present = new Set<string>()
    for await (const found of findRecords(paths)) {
      if (signal.aborted) return
      present.add(found.name)
      const state = 'reason' in found ? found.reason : await stateOf(found)
      const before = done.get(found.name)
      if (state === null || (before?.state === state && performance.now() < before.retryAt)) continue
      const isStable = looks.get(found.name) === state
      looks.set(found.name, state)
      if (!isStable) continue
      if ('read' in found) await take(found, state)
      else {
        onOutcome(found.name, { kind: 'refused', reason: found.reason, isPassing: true })
        done.set(found.name, { state, refusal: found.reason, retryAt: Infinity })
      }
    }
    for (const map of [looks, done]) for (const name of map.keys()) if (!present.has(name)) map.delete(name)
    await sleep(intervalMs, undefined, { signal }).catch(() => {})
  }
}

/** Null: the file is gone. */
async function stateOf({ path }: RecordFile): Promise<State | null> {
  // A record in an archive has no state of its own, and does not change.
  if (path === null) return ''
  const stats = await stat(path).catch(() => null)
  // `ctime` also changes with the rights of the file.
  return stats && `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`
}
