import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { DomainError } from '../errors.ts'
import { uncategorized } from '../jobs/uncategorized.ts'
import type { Place } from './places.ts'
import type { PlannedPlace } from './vacuum.ts'

/** The policy of retention has a fault. The message names each of them. */
export class RetentionPolicyError extends DomainError {
  override readonly name = 'RetentionPolicyError'
}

const count = z.int().min(1)
const patternWords = 'it must be a pattern, or a list of patterns, such as "dns-*"'
const pattern = z.string().min(1, { error: patternWords })
const patterns = z
  .union([pattern, z.array(pattern).min(1, { error: patternWords })], { error: patternWords })
  .transform((given) => (typeof given === 'string' ? [given] : given))
  .default(['*'])

const KeepRule = z
  .strictObject({
    newest: count.optional(),
    newestSuccessful: count.optional(),
    days: z.number().min(0).optional(),
    perMonth: count.optional(),
    perOutput: count.optional(),
    outputs: z.enum(['first', 'last', 'first-and-last']).optional(),
  })
  .refine((keep) => Object.keys(keep).length > 0, {
    error: 'it must keep something, such as {"newest": 3}; "all" keeps every build',
  })

const Policy = z.strictObject({
  rules: z.array(
    z.strictObject({
      jobs: patterns,
      sections: patterns,
      platforms: patterns,
      keep: z.union([z.literal('all'), KeepRule]),
    }),
  ),
})

/**
 * What the server keeps. The first rule whose patterns match a job, its section and the platform decides; builds for which
 * there is no rule stay. A build stays if any entry of `keep` keeps it. Pinned builds and the newest ones always stay.
 */
export type RetentionPolicy = z.infer<typeof Policy>

/** `value`: parsed JSON or TOML. Throws RetentionPolicyError, which names every fault by its place, such as `rules[0].keep`. */
export function parseRetentionPolicy(value: unknown): RetentionPolicy {
  const parsed = Policy.safeParse(value, { reportInput: false })
  if (parsed.success) return parsed.data
  throw new RetentionPolicyError(
    `the retention policy has faults, and nothing is removed:\n${faultsOf(parsed.error.issues).join('\n')}`,
  )
}

/** One line each. Of an alternative, the faults of the member that was meant. */
function faultsOf(issues: readonly z.core.$ZodIssue[], path: readonly PropertyKey[] = []): string[] {
  return issues.flatMap((issue) => {
    const at = [...path, ...issue.path]
    if (issue.code === 'invalid_union' && at.at(-1) === 'keep') {
      const asObject = issue.errors.find((ofMember) => ofMember.some(({ code }) => code !== 'invalid_value'))
      const isObject =
        asObject && !asObject.some(({ code, path }) => code === 'invalid_type' && path.length === 0)
      if (isObject) return faultsOf(asObject, at)
      return [`  ${placeOf(at)}: it must be "all", or an object such as {"newestSuccessful": 5}`]
    }
    return [`  ${placeOf(at)}: ${issue.message}`]
  })
}

/** `rules[0].keep.newest`. */
function placeOf(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return text.replace(/^\./, '') || 'the policy'
}

/** The policy of a JSON file. Throws RetentionPolicyError. */
export function readRetentionPolicy(file: string): RetentionPolicy {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new RetentionPolicyError(`the retention policy cannot be read: ${(error as Error).message}`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new RetentionPolicyError(`${file} is not JSON: ${(error as Error).message}`)
  }
  try {
    return parseRetentionPolicy(value)
  } catch (error) {
    if (!(error instanceof RetentionPolicyError)) throw error
    throw new RetentionPolicyError(`${file}: ${error.message}`)
  }
}

/** What is wrong with the policy in a file. Null: nothing. */
export function retentionFault(file: string): string | null {
  try {
    readRetentionPolicy(file)
    return null
  } catch (error) {
    if (error instanceof RetentionPolicyError) return error.message
    throw error
  }
}

/** What the policy keeps of each place. Places of which everything stays are left out. */
export function planOfPolicy(policy: RetentionPolicy, places: readonly Place[]): PlannedPlace[] {
  const rules = policy.rules.map(({ jobs, sections, platforms, keep }) => {
    const [isJob, isSection, isPlatform] = [matcherOf(jobs), matcherOf(sections), matcherOf(platforms)]
    const matches = ({ job, section, platform }: Place) =>
      isJob(job) && isSection(section ?? uncategorized) && isPlatform(platform)
    return { matches, keep }
  })
  return places.flatMap((place) => {
    const index = rules.findIndex(({ matches }) => matches(place))
    const rule = rules[index]
    if (!rule || rule.keep === 'all') return []
    return [{ place, keep: rule.keep, reason: `retention policy, rule ${index + 1}` }]
  })
}

/** `*` stands for any characters, `?` for one; any other character for itself. */
function matcherOf(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const source = pattern
      .replace(/\*+/g, '*')
      .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
    return new RegExp(`^${source}$`, 'su')
  })
  return (name) => expressions.some((expression) => expression.test(name))
}
