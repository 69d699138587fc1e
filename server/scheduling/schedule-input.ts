import { createHash } from 'node:crypto'
import type * as z from 'zod'
import type { Transaction } from '../database/writer.ts'
import { checkJobName, checkPlatformName, UnsafeNameError } from '../formats/exec-names.ts'
import { definition, type Definition } from './definition.ts'
import { InvalidScheduleError } from './errors.ts'
import { checkTiming } from './next-time.ts'

/** What a job builds, as it is given: the script as bytes. */
export type WorkInput =
  | { kind: 'SCRIPT'; platform: string; script: Uint8Array }
  | { kind: 'OPAM_PACKAGE'; opamPackage: string; platforms?: readonly string[] | null }

/** A schedule, as it is given. What is missing has its default: server/scheduling/definition.ts. */
export type ScheduleInput = { job: string; work: WorkInput } & ScheduleOptions

type GivenDefinition = z.input<typeof definition>
export type ScheduleOptions = Pick<Definition, 'period'> &
  Partial<Omit<GivenDefinition, 'work' | 'period' | 'reproduce'>> & {
    reproduce?: ReproduceInput | null | undefined
  }
export type ReproduceInput = Partial<NonNullable<GivenDefinition['reproduce']>>

const maxScriptBytes = 4 * 2 ** 20
/** It becomes part of a shell script. */
const opamPackagePattern = /^[A-Za-z\d][\w+.~:=@,/-]{0,254}$/

/** A definition, and the script that the transaction has to store with it. */
export type CheckedSchedule = { definition: Definition; script: Uint8Array | null }

/** Throws InvalidScheduleError. */
export function checkSchedule({ work, ...options }: ScheduleInput | Omit<ScheduleInput, 'job'>, now: Date) {
  const given = { ...options } as Partial<ScheduleInput>
  delete given.job
  const parsed = definition.safeParse({ ...given, work: storedWork(work) })
  if (!parsed.success) throw new InvalidScheduleError(faultsOf(parsed.error))
  checkTiming(parsed.data, now)
  checkNames(parsed.data)
  return { definition: parsed.data, script: work.kind === 'SCRIPT' ? work.script : null }
}

type Options = Omit<Definition, 'work'>

/**
 * The options after a change, unchecked. What is missing stays, also of the limits and of the policy of reproduction; a policy that
 * is null goes.
 */
export function changedOptions(before: Options, change: Partial<ScheduleOptions>): ScheduleOptions {
  const { limits, reproduce, ...others } = change
  return {
    ...before,
    // A cron expression belongs to its period.
    ...(change.period !== undefined && change.period !== 'CRON' ? { cron: null } : {}),
    ...withoutUndefined(others),
    limits: { ...before.limits, ...withoutUndefined(limits ?? {}) },
    ...(reproduce === undefined
      ? {}
      : { reproduce: reproduce && { ...before.reproduce, ...withoutUndefined(reproduce) } }),
  }
}

const withoutUndefined = <Value extends object>(value: Value) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<Value>

export const faultsOf = (error: z.ZodError) =>
  error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')

function storedWork(work: WorkInput): Definition['work'] {
  if (work.kind === 'OPAM_PACKAGE') {
    const { opamPackage, platforms = null } = work
    return { kind: 'OPAM_PACKAGE', opamPackage, platforms: platforms === null ? null : [...platforms] }
  }
  const { platform, script } = work
  if (script.length > maxScriptBytes)
    throw new InvalidScheduleError(
      `the script has ${script.length} bytes: ${maxScriptBytes} at most are allowed`,
    )
  return { kind: 'SCRIPT', platform, scriptSha256: sha256Of(script) }
}

export const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function checkNames({ work, reproduce }: Definition): void {
  const platforms = work.kind === 'SCRIPT' ? [work.platform] : (work.platforms ?? [])
  const others = Array.isArray(reproduce?.platforms) ? reproduce.platforms : []
  for (const platform of [...platforms, ...others]) checkPlatform(platform)
  if (work.kind === 'OPAM_PACKAGE' && !opamPackagePattern.test(work.opamPackage))
    throw new InvalidScheduleError(
      `the opam package ${JSON.stringify(work.opamPackage)} cannot be used: letters, digits and _ + . ~ : = @ , / - are allowed`,
    )
}

/** Throws InvalidScheduleError. */
export const checkJob = (job: string) => checked('job', () => checkJobName(job))
/** Throws InvalidScheduleError. */
export const checkPlatform = (platform: string) => checked('platform', () => checkPlatformName(platform))

function checked(what: string, check: () => string): string {
  try {
    return check()
  } catch (error) {
    if (error instanceof UnsafeNameError)
      throw new InvalidScheduleError(`the name of the ${what} ${error.reason}`)
    throw error
  }
}

/** Stores scripts, unless they are there. */
export async function storeScripts(
  tx: Transaction,
  scripts: readonly Uint8Array[],
  now: Date,
): Promise<void> {
  if (scripts.length === 0) return
  const bySha256 = new Map(scripts.map((script) => [sha256Of(script), script]))
  const found = await tx.runScript.findMany({
    where: { sha256: { in: [...bySha256.keys()] } },
    select: { sha256: true },
  })
  for (const { sha256 } of found) bySha256.delete(sha256)
  const data = Array.from(bySha256, ([sha256, script]) => ({
    ...{ sha256, content: new Uint8Array(script), createdAt: now },
  }))
  if (data.length > 0) await tx.runScript.createMany({ data })
}
