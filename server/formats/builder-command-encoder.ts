import { formatInteger } from './asn1-integer.ts'
import { formatGeneralizedTime } from './asn1-time.ts'
import {
  type BuilderCommand,
  type BuilderInfo,
  type BuilderJob,
  clientProtocolVersion,
  commandNumbers,
  type OrbBuildJob,
  type Period,
  periods,
  type QueuedJobs,
  type ScheduledJob,
  type ScriptJob,
  workerProtocolVersion,
} from './builder-commands.ts'
import { derTags } from './der-header.ts'
import { bytes, content, gather, joined, type Part, raw, tagged, text } from './der-parts.ts'
import type { ExecContent, ExecFile } from './exec-record-encoder.ts'
import { encodeResult, type ExecResult } from './exec-values.ts'
import { formatUuid } from './uuid-octets.ts'

const { integer, utf8String, generalizedTime, sequence, explicit } = derTags

/** The octets of a command as builder's own encoder writes them, without the length of the frame. */
export function encodeCommand(command: BuilderCommand): Uint8Array {
  return joined(tagged(explicit(commandNumbers[numberOf(command)]), [bodyOf(command)]))
}

/** The hello of a client or a worker with builder's version. */
export function encodeHello(peer: 'client' | 'worker'): Uint8Array {
  const version = BigInt(peer === 'client' ? clientProtocolVersion : workerProtocolVersion)
  return encodeCommand({ kind: 'clientHello', peer, version })
}

/** A Job_finished of any size. Its length is known before its files are read. */
export function encodeJobFinished(finished: {
  uuid: string
  result: ExecResult
  files: readonly ExecFile[]
}): ExecContent {
  const files = finished.files.map((file) =>
    tagged(sequence, [text(file.path), tagged(utf8String, [content(file.path, file)])]),
  )
  const part = tagged(explicit(commandNumbers.jobFinished), [finishedPart(finished, files)])
  return { sizeBytes: part.sizeBytes, data: () => gather(part) }
}

/** The form of the state file, and of Info_reply. */
export function schedulePart({ next, period, job }: ScheduledJob): Part {
  return tagged(sequence, [time(next), periodPart(period), jobPart(job)])
}

/** The form of the state file, and of Info_reply. */
export function queuePart({ platform, jobs }: QueuedJobs): Part {
  return tagged(sequence, [text(platform), tagged(sequence, jobs.map(jobPart))])
}

export function scriptJobPart({ name, script, platform }: ScriptJob): Part {
  return tagged(sequence, [text(name), bytes(utf8String, script), tagged(sequence, []), text(platform)])
}

export const uuidPart = (uuid: string) => bytes(utf8String, formatUuid(uuid))
export const integerPart = (value: bigint | number) => bytes(integer, formatInteger(BigInt(value)))
export const nullPart = bytes(derTags.null, new Uint8Array())

function numberOf({ kind }: BuilderCommand): keyof typeof commandNumbers {
  return kind === 'outputTimestamped' ? 'output' : kind
}

function bodyOf(command: BuilderCommand): Part {
  switch (command.kind) {
    case 'clientHello':
      return helloPart(command)
    case 'serverHello':
    case 'info':
    case 'success':
      return nullPart
    case 'jobRequested':
    case 'dropPlatform':
    case 'undropPlatform':
      return text(command.platform)
    case 'jobSchedule':
      return tagged(sequence, [uuidPart(command.uuid), scriptJobPart(command.job)])
    case 'output':
      return tagged(sequence, [uuidPart(command.uuid), bytes(utf8String, command.text)])
    case 'outputTimestamped':
      return tagged(sequence, [
        uuidPart(command.uuid),
        bytes(utf8String, command.text),
        integerPart(command.deltaNs),
      ])
    case 'jobFinished':
      return finishedPart(
        command,
        command.files.map(({ path, data }) => tagged(sequence, [text(path), bytes(utf8String, data)])),
      )
    case 'schedule':
      return tagged(sequence, [periodPart(command.period), scriptJobPart(command.job)])
    case 'scheduleOrbBuild':
      return tagged(sequence, [periodPart(command.period), orbBuildPart(command.job)])
    case 'unschedule':
      return text(command.name)
    case 'reschedule':
      return tagged(sequence, [
        text(command.name),
        time(command.next),
        ...(command.period === null ? [] : [periodPart(command.period)]),
      ])
    case 'execute':
      return tagged(sequence, [
        text(command.name),
        ...(command.platform === null ? [] : [text(command.platform)]),
      ])
    case 'infoReply':
      return infoPart(command.info)
    case 'observe':
      return uuidPart(command.uuid)
    case 'failure':
      return text(command.message)
  }
}

/** The version follows in the sequence as an INTEGER. */
function helloPart({ peer, version }: { peer: 'client' | 'worker'; version: bigint }): Part {
  return tagged(sequence, [tagged(explicit(peer === 'client' ? 0 : 1), [nullPart]), integerPart(version)])
}

function finishedPart({ uuid, result }: { uuid: string; result: ExecResult }, files: readonly Part[]): Part {
  return tagged(sequence, [uuidPart(uuid), raw(encodeResult(result)), tagged(sequence, files)])
}

function infoPart({ schedules, queues, running, droppedPlatforms }: BuilderInfo): Part {
  const runs = running.map(({ startedAt, uuid, job }) =>
    tagged(sequence, [time(startedAt), uuidPart(uuid), scriptJobPart(job)]),
  )
  return tagged(sequence, [
    tagged(sequence, schedules.map(schedulePart)),
    tagged(sequence, queues.map(queuePart)),
    tagged(sequence, runs),
    tagged(sequence, droppedPlatforms.map(text)),
  ])
}

function jobPart({ kind, job }: BuilderJob): Part {
  return kind === 'SCRIPT'
    ? tagged(explicit(0), [scriptJobPart(job)])
    : tagged(explicit(1), [orbBuildPart(job)])
}

function orbBuildPart({ name, opamPackage }: OrbBuildJob): Part {
  return tagged(sequence, [text(name), text(opamPackage)])
}

function periodPart(period: Period): Part {
  return tagged(explicit(periods.indexOf(period)), [nullPart])
}

function time(at: Date): Part {
  return bytes(generalizedTime, Buffer.from(formatGeneralizedTime(at)))
}
