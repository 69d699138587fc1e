import type { ReadLine } from './console-lines.ts'
import type { FailureRule } from './failure-rule.ts'
import { compileRules } from './rules/compile-rules.ts'
import { dependencyRules } from './rules/dependency-rules.ts'
import { downloadRules } from './rules/download-rules.ts'
import { machineRules } from './rules/machine-rules.ts'
import { stopRules } from './rules/stop-rules.ts'
import { testRules } from './rules/test-rules.ts'

/**
 * What opam, orb, dune, compilers, linkers, test libraries, apt, pkg, git and others print. Each has an
 * example in test/server/analyses/failure-samples.ts or failure-consoles.ts.
 */
export const failureRules: readonly FailureRule[] = [
  ...machineRules,
  ...dependencyRules,
  ...downloadRules,
  ...testRules,
  ...compileRules,
  ...stopRules,
]

/** The first rule that `lines[at]` meets. */
export function findRule(lines: readonly ReadLine[], at: number): FailureRule | null {
  const { said } = lines[at] ?? { said: '' }
  if (said === '') return null
  return failureRules.find(({ pattern, where }) => pattern.test(said) && (where?.(lines, at) ?? true)) ?? null
}
