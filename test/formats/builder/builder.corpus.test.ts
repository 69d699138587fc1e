import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MalformedError } from '../../../server/errors.ts'
import { decodeCommand } from '../../../server/formats/builder-command-decoder.ts'
import { encodeCommand } from '../../../server/formats/builder-command-encoder.ts'
import type { BuilderCommand, BuilderJob, ScriptJob } from '../../../server/formats/builder-commands.ts'
import { encodeFrame } from '../../../server/formats/builder-frames.ts'
import { decodeState, encodeState } from '../../../server/formats/builder-state.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'

type Verdict = {
  file: string
  type: string
  verdict: string
  value?: unknown
  reencoded_identical?: boolean
}

describe.skipIf(!hasCorpus)('with the corpus', () => {
  const commands = verdicts(/^cmd-.*\.json$/)
  const accepted = commands.filter(({ verdict }) => verdict === 'ok')

  test('it has commands and states', () => {
    expect(accepted.length).toBeGreaterThanOrEqual(30)
  })

  test.each(accepted)('$file is read as by builder', ({ file, value }) => {
    expect(value).toMatchObject(shown(decodeCommand(octetsOf(file))))
  })

  test.each(accepted.filter((it) => it.reencoded_identical))('$file is written as by builder', ({ file }) => {
    const octets = octetsOf(file)
    const again = encodeCommand(decodeCommand(octets))
    expect(Buffer.from(again)).toEqual(octets)
    const frame = readFileSync(corpusPath('asn1', file.replace(/der$/, 'frame')))
    expect(Buffer.from(encodeFrame(again))).toEqual(frame)
  })

  test.each(commands.filter(({ verdict }) => verdict !== 'ok'))('$file is refused', ({ file }) => {
    expect(() => decodeCommand(octetsOf(file))).toThrow(MalformedError)
  })

  const states = [...verdicts(/^state-.*\.json$/), ...recordedStates()]

  test.each(states)('$file is read as by builder', ({ file, value }) => {
    const state = decodeState(octetsOf(file))
    expect(byKind(shownState(state))).toEqual(byKind(value as { item: string }[]))
    expect(decodeState(encodeState(state))).toEqual({ ...state, ignored: 0 })
  })
})

function verdicts(name: RegExp): Verdict[] {
  if (!hasCorpus) return []
  return readdirSync(corpusPath('asn1'))
    .filter((file) => name.test(file))
    .map((file) => JSON.parse(readFileSync(corpusPath('asn1', file), 'utf8')) as Verdict)
}

function recordedStates(): Verdict[] {
  if (!hasCorpus) return []
  return ['state-final', 'state-scheduled'].map((name) => ({
    file: `../http/${name}`,
    type: 'state',
    ...(JSON.parse(readFileSync(corpusPath('http', `${name}.json`), 'utf8')) as {
      verdict: string
      value: unknown
    }),
  }))
}

const octetsOf = (file: string) => readFileSync(corpusPath('asn1', file))

/** The items of each kind in their order: the kinds are in lists of their own here. */
function byKind(items: readonly { item: string }[]): { item: string }[] {
  return items.toSorted((left, right) => left.item.localeCompare(right.item))
}

function shownState({ schedules, queues, droppedPlatforms }: ReturnType<typeof decodeState>) {
  return [
    ...schedules.map((one) => ({ item: 'Schedule', schedule: shownSchedule(one) })),
    ...queues.map(({ platform, jobs }) => ({ item: 'Queue', platform, jobs: jobs.map(shownJob) })),
    ...droppedPlatforms.map((platform) => ({ item: 'Dropped_platform', platform })),
  ]
}

/** A command as the corpus has it. */
function shown(command: BuilderCommand): object {
  switch (command.kind) {
    case 'clientHello':
      return { cmd: 'Client_hello', type: command.peer, version: Number(command.version) }
    case 'serverHello':
      return { cmd: 'Server_hello' }
    case 'jobRequested':
      return { cmd: 'Job_requested', platform: command.platform }
    case 'jobSchedule':
      return { cmd: 'Job_schedule', uuid: command.uuid, job: shownScript(command.job) }
    case 'output':
      return { cmd: 'Output', uuid: command.uuid, output: textOf(command.text) }
    case 'outputTimestamped':
      return {
        cmd: 'Output_timestamped',
        uuid: command.uuid,
        timestamp: Number(command.deltaNs),
        output: textOf(command.text),
      }
    case 'jobFinished':
      return {
        cmd: 'Job_finished',
        uuid: command.uuid,
        result: shownResult(command.result),
        data: command.files.map(({ path, data }) => ({
          path,
          size: data.length,
          sha256: createHash('sha256').update(data).digest('hex'),
        })),
      }
    case 'schedule':
      return { cmd: 'Schedule', period: command.period.toLowerCase(), job: shownScript(command.job) }
    case 'scheduleOrbBuild':
      return {
        cmd: 'Schedule_orb_build',
        period: command.period.toLowerCase(),
        job: { name: command.job.name, opam_package: command.job.opamPackage },
      }
    case 'unschedule':
      return { cmd: 'Unschedule', job_name: command.name }
    case 'reschedule':
      return {
        cmd: 'Reschedule',
        name: command.name,
        next: instant(command.next),
        period: command.period?.toLowerCase() ?? null,
      }
    case 'execute':
      return { cmd: 'Execute', job_name: command.name, platform: command.platform }
    case 'info':
      return { cmd: 'Info' }
    case 'infoReply':
      return {
        cmd: 'Info_reply',
        schedule: command.info.schedules.map(shownSchedule),
        queues: command.info.queues.map(({ platform, jobs }) => ({ platform, jobs: jobs.map(shownJob) })),
        running: command.info.running.map(({ startedAt, uuid, job }) => ({
          started: instant(startedAt),
          uuid,
          job: shownScript(job),
        })),
        dropped_platforms: command.info.droppedPlatforms,
      }
    case 'observe':
      return { cmd: 'Observe', uuid: command.uuid }
    case 'dropPlatform':
      return { cmd: 'Drop_platform', platform: command.platform }
    case 'undropPlatform':
      return { cmd: 'Undrop_platform', platform: command.platform }
    case 'success':
      return { cmd: 'Success' }
    case 'failure':
      return { cmd: 'Failure', message: command.message }
  }
}

function shownSchedule({ next, period, job }: ReturnType<typeof decodeState>['schedules'][number]) {
  return { next: instant(next), period: period.toLowerCase(), job: shownJob(job) }
}

function shownJob({ kind, job }: BuilderJob) {
  return kind === 'SCRIPT'
    ? { kind: 'script_job', job: shownScript(job) }
    : { kind: 'orb_build_job', job: { name: job.name, opam_package: job.opamPackage } }
}

const shownScript = ({ name, platform, script }: ScriptJob) => ({ name, platform, script: textOf(script) })

function shownResult(result: Extract<BuilderCommand, { kind: 'jobFinished' }>['result']) {
  if (result.kind === 'aborted') return { kind: 'msg', msg: textOf(result.message) }
  return { kind: result.kind, code: Number(result.kind === 'exited' ? result.code : result.signal) }
}

function textOf(bytes: Uint8Array): unknown {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') }
  }
}

/** The corpus has picoseconds. */
const instant = (at: Date) => at.toISOString().replace('Z', '000000000Z')
