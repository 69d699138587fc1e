import type { FactRule } from './fact-rule.ts'
import { jobFiles } from './job-files.ts'
import { jobOutputs } from './job-outputs.ts'
import { jobPeriods } from './job-periods.ts'
import { jobPlatforms } from './job-platforms.ts'
import { jobs } from './jobs.ts'
import { verdicts } from './verdicts.ts'

/**
 * The rules that count builds whose verdict is known. Each is rebuilt by itself; only the removal of `jobOutputs` looks up
 * the platforms of a job in `JobPlatform`.
 */
export const countingRules: readonly FactRule[] = [jobs, jobPlatforms, jobPeriods, jobOutputs, jobFiles]

/** In the order in which they are rebuilt: verdicts first, which the others count. */
export const factRules: readonly Omit<FactRule, 'add'>[] = [verdicts, ...countingRules]

export const ruleNames: readonly string[] = factRules.map(({ name }) => name)
