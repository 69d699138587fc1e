import type { Log } from './log.ts'
import { notifySystemd, watchdogPauseMs } from './notify-systemd.ts'

/**
 * Tells systemd that the server is ready, and, if systemd watches, that its event loop turns. A database that does not answer
 * is no reason to end the server, which waits for it: `/health/ready` tells that. Without systemd nothing happens.
 */
export function serveForSystemd(
  { log }: { log: Pick<Log, 'error'> },
  env: Record<string, string | undefined>,
): { stopping: () => void } {
  let isStopping = false
  let isTelling = false

  async function tell(...states: string[]): Promise<void> {
    isTelling = true
    try {
      await notifySystemd(states, env)
    } catch (error) {
      log.error({ err: error, states }, 'systemd was not told')
    } finally {
      isTelling = false
    }
  }

  void tell('READY=1')
  const pauseMs = watchdogPauseMs(env)
  // READY again: the first message may have been lost.
  const timer =
    pauseMs === null
      ? undefined
      : setInterval(() => void (isTelling || tell('READY=1', 'WATCHDOG=1')), pauseMs)
  timer?.unref()
  return {
    stopping() {
      if (isStopping) return
      isStopping = true
      clearInterval(timer)
      void tell('STOPPING=1')
    },
  }
}
