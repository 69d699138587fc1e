import type { BlobId, ListedBlob } from '../blobs/blob-store.ts'
import { damageOf } from '../blobs/damage-of.ts'
import type { Deps } from '../deps.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { byteRate, type ByteRate } from './byte-rate.ts'
import { findReferringRows } from './describe-references.ts'
import { parseScrubProgress, scrubKind, type RunningPass, type ScrubProgress } from './scrub-progress.ts'
import { reviewMarks } from './review-marks.ts'

const dayMs = 24 * 3_600_000
const hourMs = 3_600_000
/** A run goes on for so long; then uploads, and tasks of higher priority, have their turn. */
const defaultRunMs = 500
/** Some hours for a terabyte, and little of what any disk reads. */
const bytesPerSecond = 32 * 1024 ** 2

type Outcome = { progress: ScrubProgress; tookMs: number }

/** The pass is interrupted within a blob, which is read again. */
class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
}

/**
 * Reads the whole store once in `scrubDays` days, in the order of the ids of blobs, and marks what is damaged. It is done in
 * short runs at a limited rate. What a run has read is in the progress of the task, so that a pass goes on after a
 * restart, and on another server. The first pass begins an hour after the first start.
 */
export function scrubHandler(
  deps: Pick<Deps, 'clock' | 'config' | 'damage' | 'db' | 'log' | 'storedBlobs'>,
  { runMs = defaultRunMs }: { runMs?: number } = {},
): TaskHandler<Outcome> {
  const { clock, config, damage, db, log, storedBlobs: store } = deps
  /** The blobs of one folder, in their order: a run that goes on in it need not list it again. */
  let listed: { digits: string; blobs: ListedBlob[] } | null = null

  async function blobsOf(digits: string): Promise<ListedBlob[]> {
    if (listed?.digits === digits) return listed.blobs
    const blobs: ListedBlob[] = []
    for await (const one of store.list(digits)) if (one.id !== null) blobs.push(one)
    blobs.sort((left, right) => (left.id < right.id ? -1 : 1))
    listed = { digits, blobs }
    return blobs
  }

  /** The blobs after an id. What is stored meanwhile may be missing. */
  async function* blobsAfter(after: string): AsyncGenerator<ListedBlob, void, void> {
    const first = after === '' ? 0 : Number.parseInt(after.slice(0, 2), 16)
    for (let folder = first; folder < 256; folder++)
      for (const blob of await blobsOf(folder.toString(16).padStart(2, '0'))) if (blob.id > after) yield blob
    listed = null
  }

  /** Whether the content is damaged, and a row refers to it. */
  async function look(id: BlobId, rate: ByteRate): Promise<boolean> {
    // Twice: an upload may have replaced the file while it was read.
    const found = (await damageOf(store, id, rate)) && (await damageOf(store, id, rate))
    // A file that is gone since it was listed was collected, or `hub verify` finds it.
    if (!found || found.problem === 'MISSING') return false
    if ((await findReferringRows(db, [id])).size === 0) return false
    const marked = await damage.add(found)
    if (marked === 'NEW') log.error({ blob: id, problem: found.problem }, 'content is damaged')
    return marked !== 'REPLACED'
  }

  /** Reads on until the time of the run is over. Returns whether the pass is done. */
  async function goOn(pass: RunningPass, signal: AbortSignal): Promise<boolean> {
    const limit = byteRate(bytesPerSecond)
    const rate: ByteRate = (count) => {
      if (signal.aborted) throw new InterruptedError('the server stops')
      return limit(count)
    }
    const startedAt = performance.now()
    const isOver = () => signal.aborted || performance.now() - startedAt >= runMs
    try {
      if (pass.review === null && !(await readContent(pass, rate, isOver))) return false
      pass.review ??= ''
      const after = pass.review === '' ? null : pass.review
      const reviewed = await reviewMarks({ db, store, damage }, { rate, after, isOver })
      if (reviewed === null) return true
      pass.review = reviewed
      return false
    } catch (error) {
      if (error instanceof InterruptedError) return false
      throw error
    }
  }

  /** Returns whether all content is read. */
  async function readContent(pass: RunningPass, rate: ByteRate, isOver: () => boolean): Promise<boolean> {
    for await (const { id, sizeBytes } of blobsAfter(pass.after)) {
      if (await look(id, rate)) pass.damagedCount += 1
      pass.after = id
      pass.blobCount += 1
      pass.bytes += sizeBytes
      if (isOver()) return false
    }
    return true
  }

  return {
    ...{ kind: scrubKind, version: 1, slots: { max: 1 }, yieldsToUploads: true },
    // Whether a pass is due is looked at each hour: the setting may have changed.
    ...{ maxAttempts: 3, retryPauseMs: 60_000, standing: { everyMs: hourMs } },
    async run(task, signal) {
      const startedAt = performance.now()
      const known = parseScrubProgress(task.progress)
      if (known === null) return { progress: { running: null, last: null }, tookMs: 0 }
      const { last } = known
      const now = clock.now()
      const isDue = last === null || now.getTime() - last.startedAt.getTime() >= config.scrubDays * dayMs
      if (config.scrubDays === 0 || (!known.running && !isDue)) return { progress: known, tookMs: 0 }
      const fresh = { startedAt: now, after: '', review: null, blobCount: 0, bytes: 0, damagedCount: 0 }
      const running = { ...(known.running ?? fresh) }
      const isDone = await goOn(running, signal)
      const tookMs = Math.ceil(performance.now() - startedAt)
      if (!isDone) return { progress: { running, last }, tookMs }
      const { after: _after, review: _review, ...pass } = running
      const finished = { ...pass, finishedAt: clock.now() }
      log.info(finished, 'all stored content was read')
      return { progress: { running: null, last: finished }, tookMs }
    },
    // Marks are written, and told to others, when they are found.
    changes: () => [],
    record: ({ progress, tookMs }) => ({
      progress: JSON.stringify(progress),
      ...(progress.running ? { isPartial: true, pauseMs: tookMs } : {}),
    }),
  }
}
