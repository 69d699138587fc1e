import * as z from 'zod'
import type { Reader } from '../database/reader.ts'

/** The kind of the task. */
export const scrubKind = 'SCRUB_BLOBS'

const Pass = z.object({
  startedAt: z.coerce.date(),
  /** What was read so far. */
  blobCount: z.number(),
  bytes: z.number(),
  /** Content that it found damaged. */
  damagedCount: z.number(),
})

/**
 * `after`: ids up to this one are read; empty at the start. `review`: null while content is read; then marks are reviewed
 * up to this hash, empty at the start.
 */
const Running = Pass.extend({
  after: z.string().regex(/^[0-9a-f]*$/),
  review: z
    .string()
    .regex(/^([0-9a-f]{64})?$/)
    .nullable()
    .default(null),
})
const Finished = Pass.extend({ finishedAt: z.coerce.date() })

const Progress = z.object({ running: Running.nullable(), last: Finished.nullable() })

/** How far the scrub is: the pass that runs, and the last one that ended. */
export type ScrubProgress = z.infer<typeof Progress>
export type RunningPass = z.infer<typeof Running>

/** The progress of a task; null: it has none, or one of another version. */
export function parseScrubProgress(json: string | null): ScrubProgress | null {
  if (json === null) return null
  try {
    return Progress.parse(JSON.parse(json))
  } catch {
    return null
  }
}

export type ScrubState = ScrubProgress & {
  /** Content that is marked as damaged, whoever found it. */
  markedCount: number
}

export async function readScrubState(db: Reader): Promise<ScrubState> {
  const task = await db.queuedTask.findUnique({
    where: { kind_key: { kind: scrubKind, key: '' } },
    select: { progress: true },
  })
  const markedCount = await db.damagedBlob.count()
  return { ...(parseScrubProgress(task?.progress ?? null) ?? { running: null, last: null }), markedCount }
}
