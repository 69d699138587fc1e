import type { Deps } from './deps.ts'
import { notifySystemd, watchdogPauseMs } from './notify-systemd.ts'

/**
 * Tells systemd that the server is ready, and, if systemd watches, that it is alive: only while the event loop turns and the
 * database answers. Without systemd nothing happens.
 */
export function serveForSystemd(
  { db, log }: Pick<Deps, 'db' | 'log'>,
  env: Record<string, string | undefined>,
): { stopping: () => void } {
  const tell = (...states: string[]) =>
    notifySystemd(states, env).catch((error: unknown) =>
      log.error({ err: error, states }, 'systemd was not told'),
    )
  let isStopping = false

  async function tellAlive(): Promise<void> {
    try {
      await db.platform.findFirst({ select: { id: true } })
    } catch (error) {
      log.error({ err: error }, 'the database does not answer: systemd is not told that the server is alive')
      return
    }
    if (!isStopping) await tell('WATCHDOG=1')
  }

  void tell('READY=1')
  const pauseMs = watchdogPauseMs(env)
  const timer = pauseMs === null ? undefined : setInterval(() => void tellAlive(), pauseMs)
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
