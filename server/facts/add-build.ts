import type { Verdict } from '../builds/verdict.ts'
import type { BuildId } from '../ids.ts'
import type { Transaction } from '../database/writer.ts'
import type { NewBuild } from './build-facts.ts'
import type { VerdictChange } from './change-verdicts.ts'
import { countingRules } from './rules.ts'
import { verdicts } from './verdicts.ts'

/** A build that was added: its verdict, and the earlier builds that have another verdict because of it. */
export type AddedBuild = { id: BuildId; verdict: Verdict; changes: VerdictChange[] }

/**
 * Adds a build and everything that is derived from it. `insert` writes its row, which has the verdict, and returns the
 * row's id.
 */
export async function addBuild(
  tx: Transaction,
  build: NewBuild,
  insert: (verdict: Verdict) => Promise<BuildId>,
): Promise<AddedBuild> {
  const { verdict, changes } = await verdicts.add(tx, build)
  const id = await insert(verdict)
  for (const rule of countingRules) await rule.add(tx, { ...build, id, verdict })
  return { id, verdict, changes }
}
