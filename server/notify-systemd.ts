import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

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
  // Without --no-block it waits until the message is read, which takes a systemd of this machine.
  await promisify(execFile)('systemd-notify', ['--no-block', `--pid=${process.pid}`, ...states], {
    timeout: 5_000,
  })
}

/** Half of the time after which systemd takes the service for hung, in ms; null: it does not watch. */
export function watchdogPauseMs(env: Record<string, string | undefined>): number | null {
  const microseconds = Number(env['WATCHDOG_USEC'])
  const isForThis = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(process.pid)
  return isForThis && microseconds > 0 ? microseconds / 2_000 : null
}
