/** Those who read a console, and wait for more of it. */
export type Readers = {
  /** Resolves at the next `wake`, or when `signal` is aborted. */
  wait: (signal: AbortSignal) => Promise<void>
  wake: () => void
  /** Counts a reader until what it returns is called. */
  enter: () => () => void
  /** Resolves when there is no reader, and after `limitMs` in any case. */
  gone: (limitMs: number) => Promise<void>
}

export function createReaders(): Readers {
  const waiting = new Set<() => void>()
  let count = 0
  let onNone = () => {}

  return {
    wait: (signal) =>
      new Promise<void>((resolve) => {
        const done = () => {
          waiting.delete(done)
          signal.removeEventListener('abort', done)
          resolve()
        }
        if (signal.aborted) return resolve()
        waiting.add(done)
        signal.addEventListener('abort', done)
      }),

    wake() {
      for (const done of [...waiting]) done()
    },

    enter() {
      count++
      let isInside = true
      return () => {
        if (!isInside) return
        isInside = false
        count--
        if (count === 0) onNone()
      }
    },

    gone: (limitMs) =>
      new Promise<void>((resolve) => {
        if (count === 0) return resolve()
        const timer = setTimeout(resolve, limitMs).unref()
        onNone = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
  }
}
