import type { Act, Actor } from '../audit/actor.ts'
import type { Deps } from '../deps.ts'
import type { BuilderCommand } from '../formats/builder-commands.ts'
import { dropPlatform, undropPlatform } from '../scheduling/queues.ts'
import { runJob } from '../scheduling/run-job.ts'
import { addSchedule, removeSchedule, reschedule } from '../scheduling/schedules.ts'
import { ProtocolError } from './errors.ts'
import { readInfoReply } from './info-reply.ts'

export type CommandDeps = Pick<Deps, 'clock' | 'config' | 'db' | 'writer'>

/**
 * Does what a client asks for. Returns what is sent before Success. Throws SchedulingErrors with builder's words, and ProtocolError
 * for what is no command of a client.
 */
export async function runCommand(
  deps: CommandDeps,
  command: BuilderCommand,
  actor: Actor,
): Promise<BuilderCommand[]> {
  if (command.kind === 'info') return [{ kind: 'infoReply', info: await readInfoReply(deps.db) }]
  await change(deps, { actor, at: deps.clock.now() }, command)
  return []
}

async function change(deps: CommandDeps, act: Act, command: BuilderCommand): Promise<unknown> {
  switch (command.kind) {
    case 'schedule': {
      const { name: job, platform, script } = command.job
      return addSchedule(deps, act, {
        job,
        period: command.period,
        work: { kind: 'SCRIPT', platform, script },
      })
    }
    case 'scheduleOrbBuild': {
      const { name: job, opamPackage } = command.job
      return addSchedule(deps, act, {
        job,
        period: command.period,
        work: { kind: 'OPAM_PACKAGE', opamPackage },
      })
    }
    case 'unschedule':
      return removeSchedule(deps, act, { job: command.name })
    case 'reschedule':
      return reschedule(deps, act, { job: command.name, nextAt: command.next, period: command.period })
    case 'execute': {
      const platforms = command.platform === null ? null : [command.platform]
      return runJob(deps, act, { job: command.name, platforms })
    }
    case 'dropPlatform':
      return dropPlatform(deps, act, { platform: command.platform })
    case 'undropPlatform':
      return undropPlatform(deps, act, { platform: command.platform })
    default:
      throw new ProtocolError('bad communication')
  }
}
