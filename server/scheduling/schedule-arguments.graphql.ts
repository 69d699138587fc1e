import { builder } from '../graphql/builder.ts'
import type { ReproduceInput, ScheduleOptions, WorkInput } from './schedule-input.ts'
import { SchedulePeriod } from './definition.graphql.ts'

const ScriptInput = builder.inputType('ScriptInput', {
  description: 'A script that a job executes.',
  fields: (t) => ({
    platform: t.string({ required: true, description: 'Name of the platform.' }),
    script: t.string({ required: true, description: 'Its text. The first line names its interpreter.' }),
  }),
})

const OpamPackageInput = builder.inputType('OpamPackageInput', {
  description: 'An opam package that is built by the template of each platform.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The package, with a version if it is to stay at one.' }),
    platforms: t.stringList({ description: 'Names of platforms; absent: all.' }),
  }),
})

const WorkInputType = builder.inputType('WorkInput', {
  description: 'What a job builds.',
  isOneOf: true,
  fields: (t) => ({
    script: t.field({ type: ScriptInput, description: 'A script.' }),
    opamPackage: t.field({ type: OpamPackageInput, description: 'An opam package.' }),
  }),
})

const RunLimitsInput = builder.inputType('RunLimitsInput', {
  description: 'What runs may use. What is absent stays, or has no limit; null: no limit.',
  fields: (t) => ({
    allowsNetwork: t.boolean({ description: 'Whether they reach the network. Default: yes.' }),
    memoryBytes: t.field({ type: 'ByteSize', description: 'Memory.' }),
    diskBytes: t.field({ type: 'ByteSize', description: 'What they write.' }),
    cpus: t.float({ description: 'Processors.' }),
  }),
})

export const ReproducePolicyInput = builder.inputType('ReproducePolicyInput', {
  description: 'How often outputs are to be built.',
  fields: (t) => ({
    times: t.int({ description: 'Builds in all, with the first one: 1 to 10. Absent: it stays.' }),
    onAllPlatforms: t.boolean({
      description: 'True: on each platform that the job is built on. False: on any with a worker.',
    }),
    platforms: t.stringList({
      description:
        'On these platforms. If this and `onAllPlatforms` are absent, the platforms stay. Default: any.',
    }),
    within: t.string({
      description: 'Later, it is not worth it: `7d`, `12h`. Absent: it stays. Default: `7d`.',
    }),
  }),
})

export const ScheduleOptionsInput = builder.inputType('ScheduleOptions', {
  description: 'When a job is built, and how. What is absent stays, or has its default.',
  fields: (t) => ({
    period: t.field({ type: SchedulePeriod, description: 'When it is queued. Default: DAILY.' }),
    cron: t.string({ description: 'Of the period CRON: an expression of five parts.' }),
    timeZone: t.string({ description: 'Of the expression, such as `Europe/Berlin`. Default: UTC.' }),
    priority: t.int({ description: 'Lower numbers run first, -100 to 100. Default: 0.' }),
    timeoutSeconds: t.int({ description: 'How long each try may take. Default: 3600.' }),
    maxTries: t.int({ description: 'How often a run is tried at most. Default: 3.' }),
    maxParallel: t.int({ description: 'Runs of the job on one platform at once. Default: 1.' }),
    limits: t.field({ type: RunLimitsInput, description: 'What its runs may use.' }),
    reproduce: t.field({
      type: ReproducePolicyInput,
      description: 'How often its outputs are built. Null: as the policy of its section says, or once.',
    }),
  }),
})

type GivenWork = NonNullable<typeof WorkInputType.$inferInput>
type GivenOptions = NonNullable<typeof ScheduleOptionsInput.$inferInput>

export { WorkInputType }

export function workOf({ script, opamPackage }: GivenWork): WorkInput {
  if (script)
    return { kind: 'SCRIPT', platform: script.platform, script: new TextEncoder().encode(script.script) }
  return {
    kind: 'OPAM_PACKAGE',
    opamPackage: opamPackage?.name ?? '',
    platforms: opamPackage?.platforms ?? null,
  }
}

/** What is absent, or null, stays; but `reproduce` null takes the policy away. */
export function optionsOf(given: GivenOptions | null | undefined): Partial<ScheduleOptions> {
  const { cron, limits, maxParallel, maxTries, period, priority, reproduce, timeoutSeconds, timeZone } =
    given ?? {}
  return {
    ...(period == null ? {} : { period }),
    ...(cron == null ? {} : { cron }),
    ...(timeZone == null ? {} : { timeZone }),
    ...(priority == null ? {} : { priority }),
    ...(timeoutSeconds == null ? {} : { timeoutSeconds }),
    ...(maxTries == null ? {} : { maxTries }),
    ...(maxParallel == null ? {} : { maxParallel }),
    ...(limits == null ? {} : { limits: limitsOf(limits) }),
    ...(reproduce === undefined ? {} : { reproduce: reproduce && reproduceOf(reproduce) }),
  }
}

function limitsOf(given: NonNullable<GivenOptions['limits']>): NonNullable<ScheduleOptions['limits']> {
  const { allowsNetwork, memoryBytes, diskBytes, cpus } = given
  return {
    ...(allowsNetwork == null ? {} : { allowsNetwork }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(diskBytes === undefined ? {} : { diskBytes }),
    ...(cpus === undefined ? {} : { cpus }),
  }
}

type GivenPolicy = NonNullable<typeof ReproducePolicyInput.$inferInput>

export function reproduceOf(given: GivenPolicy): ReproduceInput {
  const { times, onAllPlatforms, platforms, within } = given
  const on: ReproduceInput['platforms'] = platforms?.length
    ? platforms
    : onAllPlatforms == null
      ? undefined
      : onAllPlatforms
        ? 'all'
        : 'any'
  return {
    ...(times == null ? {} : { times }),
    ...(on === undefined ? {} : { platforms: on }),
    ...(within == null ? {} : { within }),
  }
}
