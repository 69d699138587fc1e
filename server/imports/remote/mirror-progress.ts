import * as z from 'zod'
import type { Reader } from '../../database/reader.ts'

/** The kind of the task. */
export const mirrorKind = 'MIRROR'

const count = z.number().int().nonnegative()

const Pass = z.object({
  /** Address of the other site. */
  url: z.string(),
  startedAt: z.coerce.date(),
  imported: count,
  /** Builds that were here when the pass came to them. */
  present: count,
  /** Builds that were removed here, and stay so. */
  removed: count,
  refusedCount: count,
  /** The first of the refused ones. */
  refused: z.array(z.object({ name: z.string(), reason: z.string() })),
})

const Progress = z.object({
  running: Pass.nullable(),
  last: Pass.extend({ finishedAt: z.coerce.date(), jobs: z.string() }).nullable(),
})

export type MirrorPass = z.infer<typeof Pass>
/** How far the mirror is: the pass that runs, and the last one that ended. */
export type MirrorProgress = z.infer<typeof Progress>

/** The progress of a task; with nothing in it if it has none, or one of another version. */
export function parseMirrorProgress(json: string | null): MirrorProgress {
  try {
    if (json !== null) return Progress.parse(JSON.parse(json))
  } catch {
    // A pass begins anew, and finds what is here.
  }
  return { running: null, last: null }
}

/** `error`: why the pass that runs does not go on; it is tried again. */
export type MirrorState = MirrorProgress & { error: string | null }

export async function readMirrorState(db: Reader): Promise<MirrorState> {
  const task = await db.queuedTask.findUnique({
    where: { kind_key: { kind: mirrorKind, key: '' } },
    select: { error: true, progress: true },
  })
  return { ...parseMirrorProgress(task?.progress ?? null), error: task?.error ?? null }
}
