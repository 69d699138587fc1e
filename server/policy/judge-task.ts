import type { Config } from '../config.ts'
import type { Verdict } from '../builds/verdict.ts'
import type { NewTask } from '../runner/enqueue.ts'
import { sitePolicy } from './site-policy.ts'

/** The kind of the tasks that judge an output by the policy. Their key is its SHA-256. */
export const judgeKind = 'JUDGE_OUTPUT'
/** The kind of the task that judges every output after a change of the policy, and those whose votes got too old. */
export const judgeAllKind = 'JUDGE_OUTPUTS'

/** Looks at an output again, because something about it has changed. */
export const judgeTask = (sha256: string): NewTask => ({ kind: judgeKind, key: sha256, ifKnown: 'runAgain' })

export const judgeAllTask: NewTask = { kind: judgeAllKind, key: '', ifKnown: 'runAgain' }

/** The task of a build that arrives. Without a policy, an output that nobody has repeated needs no look. */
export function judgeTasksOfUpload(
  config: Pick<Config, 'configDir'>,
  { mainBinarySha256 }: { mainBinarySha256: string | null },
  verdict: Verdict,
): NewTask[] {
  if (mainBinarySha256 === null) return []
  return verdict === 'UNCONFIRMED' && sitePolicy(config) === null ? [] : [judgeTask(mainBinarySha256)]
}
