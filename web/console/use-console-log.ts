import { useEffect, useState } from 'react'
import { type ConsoleLog, createConsoleLog } from './console-log.ts'

/** How far a console has arrived. `lineCount` grows with `log`, which stays the same object. */
export type LoadedConsole = {
  log: ConsoleLog
  lineCount: number
  state: { kind: 'loading' } | { kind: 'complete' } | { kind: 'broken'; reason: string }
}

/** Redrawing more often than this would slow down the reading. */
const redrawMs = 50

/** Reads the console file at `url` as a stream; a change of `attempt` reads it again. */
export function useConsoleLog(url: string, attempt: number): LoadedConsole {
  const [loaded, setLoaded] = useState<LoadedConsole>(() => ({
    log: createConsoleLog(),
    lineCount: 0,
    state: { kind: 'loading' },
  }))

  useEffect(() => {
    const stopped = new AbortController()
    const log = createConsoleLog()
    const show = (state: LoadedConsole['state']) => {
      if (!stopped.signal.aborted) setLoaded({ log, lineCount: log.lineCount(), state })
    }
    const timer = setInterval(() => show({ kind: 'loading' }), redrawMs)

    async function read() {
      const response = await fetch(url, { signal: stopped.signal })
      if (!response.ok || !response.body)
        throw new Error(`the server answered with status ${response.status}`)
      const reader = response.body.getReader()
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        log.append(decoder.decode(value, { stream: true }))
      }
      log.append(decoder.decode())
      log.finish()
    }

    read()
      .then(
        () => show({ kind: 'complete' }),
        (error: unknown) =>
          show({ kind: 'broken', reason: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => clearInterval(timer))

    return () => {
      stopped.abort()
      clearInterval(timer)
    }
  }, [url, attempt])

  return loaded
}
