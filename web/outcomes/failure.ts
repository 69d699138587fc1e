import { failureClassWords } from '../../server/analyses/failure/failure-words.ts'
import type { FailureClass } from '../gql/graphql.ts'

/** Why a build failed, in a few words; null when it is not known. */
export function failureWords(failure: { class: FailureClass } | null): string | null {
  return failure && failureClassWords[failure.class]
}
