import type { Policy, PolicyRule } from './policy-file.ts'

/** A policy in short, as commands print it. */
export type DescribedPolicy = {
  sha256: string
  attesterCount: number
  groupCount: number
  rules: readonly Pick<PolicyRule, 'jobs' | 'platforms' | 'groups' | 'signed'>[]
  exemptions: Policy['exemptions']
}

export function describedPolicy({ exemptions, groupOfUser, keys, rules, sha256 }: Policy): DescribedPolicy {
  const groups = new Set([...groupOfUser.values(), ...[...keys.values()].map(({ group }) => group)])
  return {
    ...{ sha256, attesterCount: groupOfUser.size + keys.size, groupCount: groups.size, rules, exemptions },
  }
}
