import type { Log } from './log.ts'

/** A part of a running program: what it takes to start and to stop it. */
export type Component<Part> = {
  start: () => Part | Promise<Part>
  stop?: (part: Part) => unknown
  stopWithinMs?: number
}

export type Lifecycle = {
  /**
   * Starts a component, which the stop then includes. If that fails, all that were started before are stopped, and the
   * error is thrown. Throws, too, if the program stops meanwhile; the component is stopped then.
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

  const isStopping = () => stopping !== null

  const stopLogged = ({ name, stop }: (typeof started)[number]) =>
    stop().catch((error: unknown) => log.error({ err: error, component: name }, 'not stopped'))

  async function stopAll(): Promise<void> {
    for (const component of started.toReversed()) await stopLogged(component)
  }
  const stop = () => (stopping ??= stopAll())

  return {
    async start(name, { start, stop: stopPart = () => {}, stopWithinMs = defaultStopWithinMs }) {
      const refused = `${name} is not started: the program stops`
      if (stopping) throw new Error(refused)
      let part
      try {
        part = await start()
      } catch (error) {
        await stop()
        throw error
      }
      const stopOne = async () => void (await stopPart(part))
      const component = { name, stop: () => inTime(stopOne(), stopWithinMs, `the stop of ${name}`) }
      if (isStopping()) {
        await stopLogged(component)
        throw new Error(refused)
      }
      started.push(component)
      return part
    },
    stop,
  }
}

/** Throws if it takes longer than `limitMs`. The timer keeps the process alive: it has to end in order. */
async function inTime<Value>(work: Promise<Value>, limitMs: number, what: string): Promise<Value> {
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
