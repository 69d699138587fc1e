import type { SectionPolicyRowFragment } from '../gql/graphql.ts'
import { visibleName } from '../ui/visible-text.ts'

export type Policy = SectionPolicyRowFragment['reproduce']

/** `any platform`, `all platforms of the job`, or names. */
export function placesOf({ anyPlatform, platforms }: Pick<Policy, 'anyPlatform' | 'platforms'>): string {
  if (platforms !== null) return platforms.map((one) => visibleName(one)).join(', ')
  return anyPlatform ? 'any platform' : 'all platforms of the job'
}

/** `each output is built 2 times, on any platform, within 7d`. */
export const policyWords = (policy: Policy) =>
  policy.times === 1
    ? 'each output is built once'
    : `each output is built ${policy.times} times, on ${placesOf(policy)}, within ${policy.within}`
