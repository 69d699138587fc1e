import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { errorCode } from '../blobs/storage-full.ts'
import { BadConfigError } from '../config.ts'
import { isJobOf } from '../users/scopes.ts'

const line = z.string().regex(/^[^\p{Cc}]{1,200}$/u, 'it must have 1 to 200 characters, in one line')
const patterns = z.array(line).min(1)

const Attester = z.union(
  [
    z.strictObject({
      key: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'it must be the id of a key: 64 hexadecimal digits in lower case'),
      name: line,
      group: line,
    }),
    z.strictObject({ user: line, group: line }),
  ],
  'it must have "key", "name" and "group", or "user" and "group"',
)

const Rule = z.strictObject({
  jobs: patterns,
  platforms: patterns.default(['*']),
  groups: z.int().min(1).max(100),
  platformsMin: z.int().min(1).max(100).default(1),
  signed: z.boolean().default(false),
  maxAge: z
    .string()
    .regex(/^P[1-9]\d{0,4}[DWY]$/, 'it must be a number of days, weeks or years, such as P90D')
    .optional(),
})

const Exemption = z.strictObject({ job: line, platform: line.default('*'), reason: line })

const PolicyFile = z.strictObject({
  version: z.literal(1),
  attesters: z.array(Attester).max(1_000).default([]),
  rules: z.array(Rule).max(1_000).default([]),
  exempt: z.array(Exemption).max(1_000).default([]),
})

/** Who counts as independent of whom, and how many of them an output needs. `maxAgeMs`: votes that are older do not count; null: all do. */
export type Policy = {
  /** Of the bytes of the file: what statements and verdicts name. */
  sha256: string
  text: string
  /** The groups of users, by their names. */
  groupOfUser: ReadonlyMap<string, string>
  /** The names and groups of keys, by their ids. */
  keys: ReadonlyMap<string, { name: string; group: string }>
  rules: readonly PolicyRule[]
  exemptions: readonly z.infer<typeof Exemption>[]
}

export type PolicyRule = Omit<z.infer<typeof Rule>, 'maxAge'> & { maxAgeMs: number | null }

const dayMs = 86_400_000
const unitMs: Record<string, number> = { D: dayMs, W: 7 * dayMs, Y: 365 * dayMs }

/** The policy of the site. Null: there is no such file, so that no output is trusted or not. Throws BadConfigError. */
export function readPolicyFile(path: string): Policy | null {
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null
    throw new BadConfigError(`the policy cannot be read: ${error instanceof Error ? error.message : path}`)
  }
  return parsePolicy(text, path)
}

/** As `readPolicyFile`; `path` is for messages. */
export function parsePolicy(text: string, path: string): Policy {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new BadConfigError(`${path} is not JSON: ${error instanceof Error ? error.message : ''}`)
  }
  const parsed = PolicyFile.safeParse(json)
  if (!parsed.success) throw new BadConfigError(faultsOf(path, parsed.error.issues))
  const { attesters, exempt, rules } = parsed.data
  const names = attesters.map((one) => ('key' in one ? `key ${one.key}` : `user ${one.user}`))
  const twice = names.find((name, n) => names.indexOf(name) !== n)
  if (twice !== undefined)
    throw new BadConfigError(`${path}: attesters has the ${twice} twice: each belongs to one group`)
  return {
    sha256: createHash('sha256').update(text).digest('hex'),
    text,
    groupOfUser: new Map(attesters.flatMap((one) => ('user' in one ? [[one.user, one.group] as const] : []))),
    keys: new Map(
      attesters.flatMap((one) =>
        'key' in one ? [[one.key, { name: one.name, group: one.group }] as const] : [],
      ),
    ),
    rules: rules.map(({ maxAge, ...rule }) => ({
      ...rule,
      maxAgeMs: maxAge === undefined ? null : toMs(maxAge),
    })),
    exemptions: exempt,
  }
}

function faultsOf(path: string, issues: readonly z.core.$ZodIssue[]): string {
  const lines = issues.map(
    ({ path: at, message }) => `  ${at.map(String).join('.') || 'the file'}: ${message}`,
  )
  return `${path} has faults:\n${lines.join('\n')}`
}

const toMs = (duration: string) => Number(duration.slice(1, -1)) * (unitMs[duration.slice(-1)] ?? dayMs)

/** The first rule for builds of a job on a platform. Null: there is none. */
export const findRule = ({ rules }: Policy, job: string, platform: string): PolicyRule | null =>
  rules.find(
    ({ jobs, platforms }) =>
      jobs.some((pattern) => isJobOf(pattern, job)) &&
      platforms.some((pattern) => isJobOf(pattern, platform)),
  ) ?? null

/** Why builds of a job on a platform need no confirmation. Null: they do. */
export const findExemption = ({ exemptions }: Policy, job: string, platform: string): string | null =>
  exemptions.find((one) => isJobOf(one.job, job) && isJobOf(one.platform, platform))?.reason ?? null
