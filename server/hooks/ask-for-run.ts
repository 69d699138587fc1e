import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { toVerdict } from '../builds/verdict.ts'
import type { Deps } from '../deps.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import { DomainError } from '../errors.ts'
import type { HookRunId } from '../ids.ts'
import { UnknownBuildError } from '../retention/pins.ts'
import { enqueue } from '../runner/enqueue.ts'
import { hookFolders, type HookEvent } from './hook-event.ts'
import { endedHookRunStates } from './hook-run.ts'
import { readHook } from './installed-hooks.ts'
import { queueHookRuns, taskOfHookRun } from './queue-hook-runs.ts'

/** There is no such run. */
export class HookRunNotFoundError extends DomainError {
  override readonly name = 'HookRunNotFoundError'
}

/** A run that waits or runs is not run again. */
export class HookRunNotEndedError extends DomainError {
  override readonly name = 'HookRunNotEndedError'
}

/** There is no such hook, or it is not executable. */
export class HookNotFoundError extends DomainError {
  override readonly name = 'HookNotFoundError'
}

/** Runs a hook again, with the same event id. Throws HookRunNotFoundError, HookRunNotEndedError. */
export async function retryHookRun(writer: Writer, { actor, at }: Act, id: HookRunId): Promise<void> {
  await writer.transact(['tasks'], async (tx) => {
    const run = await tx.hookRun.findUnique({ where: { id } })
    if (!run) throw new HookRunNotFoundError(`there is no run ${id} of a hook`)
    if (!(endedHookRunStates as readonly string[]).includes(run.state))
      throw new HookRunNotEndedError('the hook waits, or runs already: it runs by itself')
    await tx.hookRun.updateMany({ where: { id }, data: { state: 'PENDING' } })
    await enqueue(tx, [taskOfHookRun(id)], at)
    const detail = { run: id, build: run.buildUuid }
    await recordAudit(tx, { at, actor, action: 'hook.retry', target: run.hook, detail })
  })
}

/** `uuid`: null for the newest build that the hook can run for. */
export type TestedHook = { event: HookEvent; name: string; uuid: string | null }

/**
 * Runs a hook for a build that has arrived already, with BUILDER_HUB_TEST in its environment. Returns the id of the run. Throws
 * HookNotFoundError, UnknownBuildError.
 */
export async function testHook(
  { config, writer }: Pick<Deps, 'config' | 'writer'>,
  { actor, at }: Act,
  { event, name, uuid }: TestedHook,
): Promise<HookRunId> {
  const hook = await readHook(config.configDir, event, name)
  if (!hook?.isExecutable)
    throw new HookNotFoundError(
      `there is no executable hook ${name} in the folder ${hookFolders[event]} of ${config.configDir}`,
    )
  return writer.transact(['tasks'], async (tx) => {
    const build = await findBuild(tx, event, uuid)
    const verdicts = event === 'VERDICT' ? { verdict: toVerdict(build.verdict), previousVerdict: null } : {}
    const names = { buildUuid: build.uuid, job: build.job.name, platform: build.platform.name }
    const [id] = await queueHookRuns(tx, [{ ...names, ...verdicts, event, hooks: [name], isTest: true }], at)
    if (id === undefined) throw new Error('a run was not written')
    const detail = { run: id, build: build.uuid }
    await recordAudit(tx, { at, actor, action: 'hook.test', target: name, detail })
    return id
  })
}

const needed: Record<HookEvent, { where: object; what: string }> = {
  UPLOAD: { where: { mainBinarySha256: { not: null } }, what: 'has a main binary' },
  FAILURE: { where: { status: 'FAILED' }, what: 'failed' },
  VERDICT: { where: { mainBinarySha256: { not: null } }, what: 'has a main binary' },
}

async function findBuild(tx: Transaction, event: HookEvent, uuid: string | null) {
  const { what, where } = needed[event]
  const build = await tx.build.findFirst({
    where: { ...where, ...(uuid === null ? {} : { uuid }) },
    orderBy: { id: 'desc' },
    select: {
      ...{ uuid: true, verdict: true },
      ...{ job: { select: { name: true } }, platform: { select: { name: true } } },
    },
  })
  if (!build)
    throw new UnknownBuildError(uuid === null ? `no build ${what}` : `there is no build ${uuid} that ${what}`)
  return build
}
