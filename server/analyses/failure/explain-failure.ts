import { signalName } from '../../builds/signal-name.ts'
import type { FailureSummary } from './analyse-failure.ts'
import type { FailureClass } from './failure-rule.ts'

/** How a build ended, as its row says. */
export type EndedBuild = {
  status: string
  resultKind: string
  resultCode: bigint | null
  resultMessage: Uint8Array | null
  mainBinarySha256: string | null
  startedAt: Date
  finishedAt: Date
}

/** `rule` is one of failure-rules.ts, or of those here, which begin with `result-`; `fromConsole` tells which. */
export type Failure = {
  class: FailureClass
  rule: string | null
  because: string | null
  fromConsole: boolean
}

/** What is known of the console. Results of the first version of the analysis have only the first three fields. */
export type ReadConsole = Pick<FailureSummary, 'class' | 'rule' | 'because'> & Partial<FailureSummary>

/**
 * Why a build failed, by how it ended and by what its console tells; `found` is null as long as that
 * is not known. Null for builds that did not fail, and for those of which nothing is known yet.
 *
 * Whoever ended a build from outside knows why: a builder's time limit, a signal. Only a lack of space
 * or memory with which the console ends goes before, for it explains such an end. An exit status is the
 * script's own, and says less than a console that names the failure, but more than one that only shows
 * that something stopped.
 */
export function explainFailure(build: EndedBuild, found: ReadConsole | null): Failure | null {
  if (build.status === 'SUCCEEDED') {
    return build.mainBinarySha256 === null
      ? ofResult('NO_BINARY', 'result-no-binary', 'it did not make exactly one file in bin/')
      : null
  }
  const console: Failure | null = found && {
    class: found.class,
    rule: found.rule,
    because: found.because,
    fromConsole: true,
  }
  const lacks = console?.class === 'OUT_OF_SPACE' || console?.class === 'OUT_OF_MEMORY'
  if (lacks && found?.isAtEnd === true) return console
  const matched = console?.rule ? console : null
  const status = endedBySelf(build, found)
  return (
    endedFromOutside(build, found) ??
    (found?.isWeak === true ? (status ?? matched) : (matched ?? status)) ??
    console
  )
}

function endedFromOutside(build: EndedBuild, found: ReadConsole | null): Failure | null {
  const { resultKind, resultCode, resultMessage } = build
  const signal = signalName(resultCode ?? 0n) ?? `signal ${resultCode ?? 0n}`
  switch (resultKind) {
    case 'SIGNALLED':
      return ofResult('KILLED', 'result-signal', `${signal} ended it`)
    case 'STOPPED':
      return ofResult('KILLED', 'result-stopped', `${signal} stopped it`)
    case 'ABORTED': {
      const message = new TextDecoder().decode(resultMessage?.subarray(0, 800) ?? undefined).slice(0, 200)
      return /\btime[d -]*(?:out|limit)/i.test(message)
        ? ofResult(
            'TIMEOUT',
            'result-timeout',
            `it took longer than its builder allows${running(build, found)}`,
          )
        : null
    }
    default:
      return null
  }
}

/** Signals that have the same number on Linux and FreeBSD, and that no tool uses as an exit status of its own. */
const namedSignals = new Set([2, 3, 4, 5, 6, 8, 9, 11, 13, 14, 15, 24, 25])

/** What a shell makes of a command's end: 124 is what `timeout` exits with, 128 + n says that signal n ended it. */
function endedBySelf(build: EndedBuild, found: ReadConsole | null): Failure | null {
  const { resultKind, resultCode } = build
  if (resultKind !== 'EXITED' || resultCode === null) return null
  if (resultCode === 124n) {
    const because = `it exited as \`timeout\` does when the time is over${running(build, found)}`
    return ofResult('TIMEOUT', 'result-exit-124', because)
  }
  const signal = Number(resultCode) - 128
  if (!namedSignals.has(signal)) return null
  const name = signalName(BigInt(signal)) ?? `signal ${signal}`
  // XCPU: the processor time that the system allows is used up.
  return name === 'SIGXCPU'
    ? ofResult('TIMEOUT', `result-exit-${resultCode}`, 'it used more processor time than it may')
    : ofResult('KILLED', `result-exit-${resultCode}`, `it exited as after ${name}${hints[name] ?? ''}`)
}

const hints: Record<string, string> = { SIGKILL: ', often for lack of memory', SIGSEGV: ', a crash' }

/** What ran when the time was over, and for how long: the end of a sentence. */
function running({ startedAt, finishedAt }: EndedBuild, found: ReadConsole | null): string {
  const last = found?.last
  if (!last) return ''
  const what = `; \`${last.command}\` (line ${last.line}) ran last`
  const took = (finishedAt.getTime() - startedAt.getTime()) / 1000
  const ran = last.startedSeconds === null ? 0 : took - last.startedSeconds
  if (ran < 1) return what
  const silent = last.lastSeconds === null ? 0 : took - last.lastSeconds
  const silence = silent >= 60 && silent < ran * 0.99 ? `, the last ${inWords(silent)} without output` : ''
  return `${what}, for ${inWords(ran)}${silence}`
}

function inWords(seconds: number): string {
  const minutes = Math.round(seconds / 60)
  if (seconds < 60) return `${Math.round(seconds)} s`
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function ofResult(failureClass: FailureClass, rule: string, because: string): Failure {
  return { class: failureClass, rule, because, fromConsole: false }
}
