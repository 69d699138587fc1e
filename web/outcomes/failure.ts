import type { FailureClass } from '../gql/graphql.ts'

const words: Record<FailureClass, string | null> = {
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

/** Why a build failed, in a few words; null when it is not known. */
export function failureWords(failure: { class: FailureClass } | null): string | null {
  return failure && words[failure.class]
}
