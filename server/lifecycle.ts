import type { Log } from './log.ts'

/** A part of a running program: what it takes to start and to stop it. */
export type Component<Part> = {
  start: () => Part | Promise<Part>
  stop?: (part: Part) => unknown
  /** Default: the start takes as long as it takes. */
  startWithinMs?: number
  stopWithinMs?: number
}

export type Lifecycle = {
  /**
   * Starts a component, which the stop then includes. If that fails, or takes too long, all that were started before
   * are stopped, and the error is thrown.
   */
  start: <Part>(name: string, component: Component<Part>) => Promise<Part>
  /**
   * Stops all components, the last one first. One that fails, or takes too long, is logged, and the others are stopped
   * nevertheless. Further calls wait for the first.
   */
  stop: () => Promise<void>
}

const defaultStopWithinMs = 10_000

/** The components of a program. docs/decisions/034-components.md says why. */
export function createLifecycle(log: Pick<Log, 'error'>): Lifecycle {
  const started: { name: string; stop: () => Promise<void> }[] = []
  let stopping: Promise<void> | null = null

  async function stopAll(): Promise<void> {
    for (const { name, stop } of started.toReversed())
      await stop().catch((error: unknown) => log.error({ err: error, component: name }, 'not stopped'))
  }
  const stop = () => (stopping ??= stopAll())

  return {
    async start(
      name,
      { start, stop: stopPart = () => {}, startWithinMs, stopWithinMs = defaultStopWithinMs },
    ) {
      if (stopping) throw new Error(`${name} is not started: the program stops`)
      const starting = Promise.resolve().then(start)
      try {
        const part = await inTime(starting, startWithinMs, `the start of ${name}`)
        const stopOne = async () => void (await stopPart(part))
        started.push({ name, stop: () => inTime(stopOne(), stopWithinMs, `the stop of ${name}`) })
        return part
      } catch (error) {
        // What starts too late is stopped when it is there.
        starting.then(stopPart).catch(() => {})
        await stop()
        throw error
      }
    },
    stop,
  }
}

/** Throws if it takes longer than `limitMs`. The timer keeps the process alive: it has to end in order. */
async function inTime<Value>(
  work: Promise<Value>,
  limitMs: number | undefined,
  what: string,
): Promise<Value> {
  if (limitMs === undefined) return work
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} takes longer than ${limitMs / 1000} s`)), limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
