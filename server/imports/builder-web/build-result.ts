import type { ExecResult } from '../../formats/exec-record.ts'

const stoppedOrMessage = 65_536n

/**
 * How a build ended, from builder-web's columns. It stores an exit code as it is, a signal times 256, a stop signal times
 * 65536, and 65536 with a message. Builds that exit end with 0 to 255, and signal numbers are small, so the number says
 * which of them it was, also for OCaml's negative signal numbers, which builder-web itself shows as exit codes.
 * Source: builder-web, Representation.execution_result.
 */
export function resultOf(code: bigint, message: Uint8Array | null): ExecResult {
  if (code === stoppedOrMessage && message !== null) return { kind: 'aborted', message }
  if (code === 0n || code % 256n !== 0n) return { kind: 'exited', code }
  if (code % 65_536n === 0n) return { kind: 'stopped', signal: code / 65_536n }
  return { kind: 'signalled', signal: code / 256n }
}
