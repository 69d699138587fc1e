import type { Reader } from '../database/reader.ts'
import { DomainError } from '../errors.ts'
import type { FactRule } from '../facts/fact-rule.ts'
import { jobOutputs } from '../facts/job-outputs.ts'
import { jobPlatforms } from '../facts/job-platforms.ts'
import { verdicts } from '../facts/verdicts.ts'

/** Facts that say which builds stay, or that tombstones keep for good, are being computed anew: nothing is removed. */
export class FactsUnknownError extends DomainError {
  override readonly name = 'FactsUnknownError'
  constructor() {
    super(
      'which builds are the newest and the first is being computed anew, so nothing more is removed: ' +
        'start the server and wait, or run "hub rebuild-facts"; then run this again',
    )
  }
}

/** Rules whose facts decide which builds stay, and what tombstones say. */
const rulesOfRetention = [jobPlatforms, jobOutputs, verdicts] satisfies Pick<FactRule, 'name'>[]
const names = rulesOfRetention.map(({ name }) => name)

/**
 * Throws FactsUnknownError while a rule on which retention depends is marked for a rebuild: its facts may be wrong. Within a
 * transaction the answer holds until its end.
 */
export async function checkFactsKnown(db: Reader): Promise<void> {
  if ((await db.factRebuild.count({ where: { rule: { in: names } } })) > 0) throw new FactsUnknownError()
}
