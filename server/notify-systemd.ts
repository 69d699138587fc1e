import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Longer than a program takes to start on a machine that is busy. */
const timeoutMs = 20_000

/**
 * Tells systemd the state of the service, e.g. `READY=1`. Without systemd (no NOTIFY_SOCKET) nothing happens. Node.js has no
 * datagram sockets of the file system, so that systemd's own program sends the message; the unit therefore needs
 * `NotifyAccess=all`.
 */
export async function notifySystemd(
  states: readonly string[],
  env: Record<string, string | undefined>,
): Promise<void> {
  if (env['NOTIFY_SOCKET'] === undefined) return
  const args = [`--pid=${process.pid}`, ...states]
  try {
    // It waits until systemd has read the message: systemd drops one whose sender has ended, if it cannot tell any more
    // which service that was.
    await run('systemd-notify', args, { timeout: timeoutMs })
  } catch {
    // Other supervisors have the same socket, but confirm nothing.
    await run('systemd-notify', ['--no-block', ...args], { timeout: timeoutMs })
  }
}

/** A quarter of the time after which systemd takes the service for hung, in ms, so that some may be late; null: it does not watch. */
export function watchdogPauseMs(env: Record<string, string | undefined>): number | null {
  const microseconds = Number(env['WATCHDOG_USEC'])
  const isForThis = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(process.pid)
  return isForThis && microseconds > 0 ? microseconds / 4_000 : null
}
