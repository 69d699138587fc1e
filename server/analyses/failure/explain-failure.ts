import { signalName } from '../../builds/signal-name.ts'
import type { FailureSummary } from './analyse-failure.ts'
import type { FailureClass } from './failure-rules.ts'

/** How a build ended, as its row says. */
export type EndedBuild = {
  status: string
  resultKind: string
  resultCode: bigint | null
  resultMessage: Uint8Array | null
  mainBinarySha256: string | null
}

/** `rule` is one of failure-rules.ts, or of those here, which begin with `result-`; `fromConsole` tells which. */
export type Failure = {
  class: FailureClass
  rule: string | null
  because: string | null
  fromConsole: boolean
}

/**
 * Why a build failed, by how it ended and by what its console tells; `found` is null as long as that
 * is not known. Null for builds that did not fail, and for those of which nothing is known yet.
 *
 * Whoever ended a build from outside knows why: a builder's time limit, a signal. Only a lack of space
 * or memory goes before, for it explains such an end. An exit status is the script's own, and says less
 * than the console does.
 */
export function explainFailure(build: EndedBuild, found: FailureSummary | null): Failure | null {
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
  if (console?.class === 'OUT_OF_SPACE' || console?.class === 'OUT_OF_MEMORY') return console
  const told = console?.rule ? console : null
  return endedFromOutside(build) ?? told ?? endedBySelf(build) ?? console
}

function endedFromOutside({ resultKind, resultCode, resultMessage }: EndedBuild): Failure | null {
  const signal = signalName(resultCode ?? 0n) ?? `signal ${resultCode ?? 0n}`
  switch (resultKind) {
    case 'SIGNALLED':
      return ofResult('KILLED', 'result-signal', `${signal} ended it`)
    case 'STOPPED':
      return ofResult('KILLED', 'result-stopped', `${signal} stopped it`)
    case 'ABORTED': {
      const message = new TextDecoder().decode(resultMessage ?? undefined).slice(0, 200)
      return /\btime[d -]*(?:out|limit)/i.test(message)
        ? ofResult('TIMEOUT', 'result-timeout', 'it took longer than its builder allows')
        : null
    }
    default:
      return null
  }
}

/** What a shell makes of a command's end; 124 is what `timeout` exits with. */
function endedBySelf({ resultKind, resultCode }: EndedBuild): Failure | null {
  if (resultKind !== 'EXITED') return null
  switch (resultCode) {
    case 124n:
      return ofResult('TIMEOUT', 'result-exit-124', 'it exited as `timeout` does when the time is over')
    case 137n:
      return ofResult('KILLED', 'result-exit-137', 'it exited as after SIGKILL, often for lack of memory')
    case 143n:
      return ofResult('KILLED', 'result-exit-143', 'it exited as after SIGTERM')
    default:
      return null
  }
}

function ofResult(failureClass: FailureClass, rule: string, because: string): Failure {
  return { class: failureClass, rule, because, fromConsole: false }
}
