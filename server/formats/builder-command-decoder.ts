import {
  type BuilderCommand,
  type BuilderInfo,
  type BuilderJob,
  commandNumbers,
  type FinishedFile,
  type OrbBuildJob,
  type Period,
  periods,
  type QueuedJobs,
  type ScheduledJob,
  type ScriptJob,
} from './builder-commands.ts'
import { DerReader } from './der.ts'
import {
  inSequence,
  listOf,
  takeChoice,
  takeInteger,
  takeName,
  takeNull,
  takeResult,
  takeText,
  takeTime,
  takeUuid,
} from './der-fields.ts'
import { derTags, type DerValue, malformed } from './der-header.ts'
import { platformOfOldRecords } from './exec-record.ts'

const { explicit } = derTags

const anyText = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * One command, header and content, without the length of the frame. Contents are views into `bytes`.
 *
 * Throws MalformedError for what is no command: reserved and unknown numbers, names that are not UTF-8, a UUID that
 * has not sixteen bytes, and bytes after the command.
 */
export function decodeCommand(bytes: Uint8Array): BuilderCommand {
  const der = DerReader.over(bytes, 'command of builder')
  const { tag } = der.peek(der.input, 'the command')
  const outer = der.open(der.input, 'the command', tag)
  const decode = decoders.get(tag)
  if (!decode) throw malformed(outer, unknownReason(tag))
  const command = decode(der, outer)
  der.close(outer)
  der.closeInput('command')
  return command
}

type Decode = (der: DerReader, parent: DerValue) => BuilderCommand

const decoders: ReadonlyMap<number, Decode> = new Map(
  Object.entries<Decode>({
    jobSchedule: fields((der, body) => ({
      kind: 'jobSchedule',
      uuid: takeUuid(der, body),
      job: takeScriptJob(der, body),
    })),
    jobFinished: fields((der, body) => ({
      kind: 'jobFinished',
      uuid: takeUuid(der, body),
      result: takeResult(der, body),
      files: takeFiles(der, body),
    })),
    output: fields(takeOutput),
    schedule: fields((der, body) => ({
      kind: 'schedule',
      period: takePeriod(der, body),
      job: takeScriptJob(der, body),
    })),
    scheduleOrbBuild: fields((der, body) => ({
      kind: 'scheduleOrbBuild',
      period: takePeriod(der, body),
      job: takeOrbBuildJob(der, body),
    })),
    info: nothing({ kind: 'info' }),
    oldInfoReply: fields((der, body) => ({ kind: 'infoReply', info: takeInfo(der, body, true) })),
    infoReply: fields((der, body) => ({ kind: 'infoReply', info: takeInfo(der, body, false) })),
    unschedule: (der, outer) => ({ kind: 'unschedule', name: takeName(der, outer, 'job name') }),
    observe: (der, outer) => ({ kind: 'observe', uuid: takeUuid(der, outer) }),
    oldExecute: (der, outer) => ({
      kind: 'execute',
      name: takeName(der, outer, 'job name'),
      platform: null,
    }),
    execute: fields((der, body) => ({
      kind: 'execute',
      name: takeName(der, body, 'job name'),
      platform: der.isAtEnd(body) ? null : takeName(der, body, 'platform name'),
    })),
    reschedule: fields((der, body) => ({
      kind: 'reschedule',
      name: takeName(der, body, 'job name'),
      next: takeTime(der, body, 'next time'),
      period: der.isAtEnd(body) ? null : takePeriod(der, body),
    })),
    clientHello: fields((der, body) => ({
      kind: 'clientHello',
      peer: takeChoice(der, body, 'kind of peer', ['client', 'worker'] as const),
      version: takeInteger(der, body, 'version'),
    })),
    serverHello: nothing({ kind: 'serverHello' }),
    success: nothing({ kind: 'success' }),
    failure: (der, outer) => ({
      kind: 'failure',
      message: anyText.decode(takeText(der, outer, 'message')),
    }),
    jobRequested: (der, outer) => ({
      kind: 'jobRequested',
      platform: takeName(der, outer, 'platform name'),
    }),
    dropPlatform: (der, outer) => ({
      kind: 'dropPlatform',
      platform: takeName(der, outer, 'platform name'),
    }),
    undropPlatform: (der, outer) => ({
      kind: 'undropPlatform',
      platform: takeName(der, outer, 'platform name'),
    }),
  }).map(([name, decode]) => [explicit(commandNumbers[name as keyof typeof commandNumbers]), decode]),
)

function unknownReason(tag: number): string {
  const number = tag - explicit(0)
  if ([0, 1, 8].includes(number)) return `has the number ${number}, which is reserved`
  if (number > 0 && number <= 30) return `has the number ${number}, which no command has`
  return `has tag 0x${tag.toString(16).padStart(2, '0')}, which no command has`
}

/** A command whose content is a sequence. */
function fields(decode: Decode): Decode {
  return (der, outer) => inSequence(der, outer, 'the body', (body) => decode(der, body))
}

function nothing(command: BuilderCommand): Decode {
  return (der, outer) => {
    takeNull(der, outer, 'the body')
    return command
  }
}

/** Output has a time when it is for an observer. */
function takeOutput(der: DerReader, body: DerValue): BuilderCommand {
  const uuid = takeUuid(der, body)
  const text = takeText(der, body, 'line')
  if (der.isAtEnd(body)) return { kind: 'output', uuid, text }
  return { kind: 'outputTimestamped', uuid, text, deltaNs: takeInteger(der, body, 'time of a line') }
}

function takeFiles(der: DerReader, body: DerValue): FinishedFile[] {
  return listOf(der, body, 'files', (files) =>
    inSequence(der, files, 'a file', (file) => ({
      path: takeName(der, file, 'path'),
      data: takeText(der, file, 'data of a file'),
    })),
  )
}

/** The old form has no list of dropped platforms. */
function takeInfo(der: DerReader, body: DerValue, isOld: boolean): BuilderInfo {
  return {
    schedules: listOf(der, body, 'schedules', (list) => takeSchedule(der, list, isOld)),
    queues: listOf(der, body, 'queues', (list) => takeQueue(der, list)),
    running: listOf(der, body, 'running jobs', (list) =>
      inSequence(der, list, 'a running job', (run) => ({
        startedAt: takeTime(der, run, 'start time'),
        uuid: takeUuid(der, run),
        job: takeScriptJob(der, run),
      })),
    ),
    droppedPlatforms: isOld
      ? []
      : listOf(der, body, 'dropped platforms', (list) => takeName(der, list, 'platform name')),
  }
}

/** Schedule ::= SEQUENCE { next Time, period Period, job Job }; the job of the old form is a script. */
export function takeSchedule(der: DerReader, parent: DerValue, isOld = false): ScheduledJob {
  return inSequence(der, parent, 'a schedule', (body) => ({
    next: takeTime(der, body, 'next time'),
    period: takePeriod(der, body),
    job: isOld ? { kind: 'SCRIPT', job: takeScriptJob(der, body) } : takeJob(der, body),
  }))
}

/** Queue ::= SEQUENCE { platform UTF8String, jobs SEQUENCE OF Job } */
export function takeQueue(der: DerReader, parent: DerValue): QueuedJobs {
  return inSequence(der, parent, 'a queue', (body) => ({
    platform: takeName(der, body, 'platform name'),
    jobs: listOf(der, body, 'jobs of a queue', (list) => takeJob(der, list)),
  }))
}

/** Job ::= CHOICE { script [0] ScriptJob, orbBuild [1] OrbBuildJob }, EXPLICIT */
export function takeJob(der: DerReader, parent: DerValue): BuilderJob {
  const { tag } = der.peek(parent, 'a job')
  const isOrbBuild = tag === explicit(1)
  const choice = der.open(parent, 'a job', isOrbBuild ? tag : explicit(0))
  const job: BuilderJob = isOrbBuild
    ? { kind: 'OPAM_PACKAGE', job: takeOrbBuildJob(der, choice) }
    : { kind: 'SCRIPT', job: takeScriptJob(der, choice) }
  der.close(choice)
  return job
}

/** ScriptJob ::= SEQUENCE { name, script, files SEQUENCE OF File, platform OPTIONAL }. builder drops the files, too. */
export function takeScriptJob(der: DerReader, parent: DerValue): ScriptJob {
  return inSequence(der, parent, 'a job with a script', (body) => {
    const name = takeName(der, body, 'job name')
    const script = takeText(der, body, 'script')
    takeFiles(der, body)
    const platform = der.isAtEnd(body) ? platformOfOldRecords : takeName(der, body, 'platform name')
    return { name, script, platform }
  })
}

function takeOrbBuildJob(der: DerReader, parent: DerValue): OrbBuildJob {
  return inSequence(der, parent, 'a job with an opam package', (body) => ({
    name: takeName(der, body, 'job name'),
    opamPackage: takeName(der, body, 'opam package'),
  }))
}

function takePeriod(der: DerReader, parent: DerValue): Period {
  return takeChoice(der, parent, 'period', periods)
}
