import * as z from 'zod'

/** When a schedule queues its job. NEVER: only by itself when it is added, and whenever somebody asks. CRON: by an expression. */
export const periods = ['HOURLY', 'DAILY', 'WEEKLY', 'NEVER', 'CRON'] as const
export type Period = (typeof periods)[number]

const hourSeconds = 3_600
/** As builder-worker's `timeout 1h`. */
export const defaultTimeoutSeconds = hourSeconds
export const defaultMaxTries = 3
export const maxTimeoutSeconds = 7 * 24 * hourSeconds
/** Builds of a person's request come before fresh ones, and those before reproductions. Users choose numbers between. */
export const priorities = { requested: -1_000, fresh: 0, reproduction: 1_000 }
export const maxPriority = 100

/** What a run may use. null: no limit. The hub's own workers keep them; builder-worker knows none. */
export type RunLimits = z.infer<typeof runLimits>
export const runLimits = z.strictObject({
  allowsNetwork: z.boolean().default(true),
  memoryBytes: z.int().min(1).nullable().default(null),
  diskBytes: z.int().min(1).nullable().default(null),
  cpus: z.number().positive().max(1_024).nullable().default(null),
})

/**
 * How often an output is to be built. `times`: builds in all, with the first; 1: only that one. `platforms`: `any`: where there is a worker, on
 * another one if possible; `all`: on each platform that the job is built on; or these. `within`: such as `7d` or `12h`: later,
 * it is not worth it.
 */
export type ReproducePolicy = z.infer<typeof reproducePolicy>
export const reproducePolicy = z.strictObject({
  times: z.int('it must be an integer from 1 to 10').min(1).max(10),
  platforms: z.union([z.enum(['any', 'all']), z.array(z.string()).min(1).max(100)]).default('any'),
  within: z
    .string()
    .regex(/^[1-9]\d{0,3}[hd]$/, 'it must be a number of hours or days, such as 12h or 7d')
    .default('7d'),
})

/** What a job builds: a script on one platform, or an opam package by the template of each platform. */
export type Work = z.infer<typeof work>
export const work = z.discriminatedUnion('kind', [
  // The script is bytes of any encoding: the table RunScript has them.
  z.strictObject({ kind: z.literal('SCRIPT'), platform: z.string(), scriptSha256: z.string() }),
  z.strictObject({
    kind: z.literal('OPAM_PACKAGE'),
    opamPackage: z.string(),
    /** null: all. */
    platforms: z.array(z.string()).min(1).max(100).nullable().default(null),
  }),
])

/** What the runs of a schedule have in common. */
const options = {
  timeoutSeconds: z.int().min(1).max(maxTimeoutSeconds).default(defaultTimeoutSeconds),
  /** A run whose worker is lost, or whose time is over, is tried again until it was so often. */
  maxTries: z.int().min(1).max(100).default(defaultMaxTries),
  /** Runs of the job on one platform at once. */
  maxParallel: z.int().min(1).max(1_000).default(1),
  limits: runLimits.prefault({}),
  /** null: what the policy of its section says; without one its outputs are not built again. */
  reproduce: reproducePolicy.nullable().default(null),
}

/** The definition of a schedule, as its column has it. */
export type Definition = z.infer<typeof definition>
export const definition = z.strictObject({
  work,
  period: z.enum(periods),
  /** Of CRON, as croner reads it. */
  cron: z.string().nullable().default(null),
  /** Of CRON. */
  timeZone: z.string().default('UTC'),
  /** Lower numbers run first. */
  priority: z.int().min(-maxPriority).max(maxPriority).default(priorities.fresh),
  ...options,
})

/** The inputs of a build that is repeated: files of that build. */
export type RecordedInput = z.infer<typeof recordedInput>
const recordedInput = z.strictObject({ path: z.string(), sha256: z.string(), sizeBytes: z.int() })

/** What one run builds, as its column has it: the definition when it was queued. */
export type RunDefinition = z.infer<typeof runDefinition>
export const runDefinition = z.strictObject({
  work: z.union([
    work,
    z.strictObject({
      kind: z.literal('REBUILD'),
      /** The build whose inputs are used. */
      build: z.string(),
      inputs: z.array(recordedInput),
    }),
  ]),
  ...options,
})

/** Of a row. */
export const readDefinition = (json: string): Definition => definition.parse(JSON.parse(json))
export const readRunDefinition = (json: string): RunDefinition => runDefinition.parse(JSON.parse(json))
