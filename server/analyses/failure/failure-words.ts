import type { FailureClass } from './failure-rule.ts'

/** Classes of failures as pages, mails and commands say them; null: nothing is known. */
export const failureClassWords: Record<FailureClass, string | null> = {
  DEPENDENCY_NOT_SOLVABLE: 'dependency not solvable',
  DOWNLOAD_FAILED: 'download failed',
  COMPILE_ERROR: 'compile error',
  TEST_FAILED: 'test failed',
  OUT_OF_SPACE: 'out of space',
  OUT_OF_MEMORY: 'out of memory',
  TIMEOUT: 'timeout',
  KILLED: 'killed',
  NO_BINARY: 'no binary',
  UNKNOWN: null,
}

/** Why a build failed, such as `compile error because gcc reports an error`; null: nothing is known. */
export function failureSentence({
  class: failureClass,
  because,
}: {
  class: FailureClass
  because: string | null
}): string | null {
  const what = failureClassWords[failureClass]
  if (because === null) return what
  return `${what ?? 'failed'} because ${because}`
}
