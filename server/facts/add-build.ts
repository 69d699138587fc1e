import type { Verdict } from '../builds/verdict.ts'
import type { BuildId } from '../ids.ts'
import type { Transaction } from '../writer.ts'
import type { NewBuild } from './build-facts.ts'
import { addToJob } from './jobs.ts'
import { addToJobOutputs } from './job-outputs.ts'
import { addToJobPeriods } from './job-periods.ts'
import { addToJobPlatform } from './job-platforms.ts'
import { addToVerdicts } from './verdicts.ts'

/**
 * Adds a build and everything that is derived from it. `insert` writes its row, which has the verdict, and returns the
 * row's id.
 */
export async function addBuild(
  tx: Transaction,
  build: NewBuild,
  insert: (verdict: Verdict) => Promise<BuildId>,
): Promise<BuildId> {
  const verdict = await addToVerdicts(tx, build)
  const id = await insert(verdict)
  const stored = { ...build, id, verdict }
  await addToJob(tx, stored)
  await addToJobPlatform(tx, stored)
  await addToJobPeriods(tx, stored)
  await addToJobOutputs(tx, stored)
  return id
}
