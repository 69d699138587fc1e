import type { Deps } from '../deps.ts'
import type { Outcome } from './judge.ts'
import { judgeOutputs } from './judge-output.ts'
import { sitePolicy } from './site-policy.ts'

/**
 * What the policy says now of the main binary of a build: found anew, since the task that stores it may not have run yet. Null: the site has no
 * policy, or the build no main binary.
 */
export async function outcomeOf(
  { clock, config, db }: Pick<Deps, 'clock' | 'config' | 'db'>,
  build: { job: string; platform: string; mainBinarySha256: string | null },
): Promise<Outcome | null> {
  const policy = sitePolicy(config)
  if (policy === null || build.mainBinarySha256 === null) return null
  const [judged] = await judgeOutputs(db, policy, build.mainBinarySha256, clock.now())
  const own = judged?.judgements.find(({ job, platform }) => job === build.job && platform === build.platform)
  return own?.outcome ?? null
}
