import type { Reader } from '../database/reader.ts'
import type { RunId } from '../ids.ts'

/** The run with this UUID, or with a try that has it; null if there is none. */
export async function findRunId(db: Reader, uuid: string): Promise<RunId | null> {
  const run = await db.run.findUnique({ where: { uuid }, select: { id: true } })
  if (run) return run.id
  const attempt = await db.runTry.findUnique({ where: { uuid }, select: { runId: true } })
  return attempt?.runId ?? null
}
