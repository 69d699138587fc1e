import { useEffect, useState } from 'react'
import { type ConsoleLog, createConsoleLog } from './console-log.ts'

/** How far a console has arrived. `lineCount` and `rowCount` grow with `log`, which stays the same object. */
export type LoadedConsole = {
  log: ConsoleLog
  lineCount: number
  rowCount: number
  /** `live`: the build runs, and more will come. */
  state: { kind: 'loading' | 'live' | 'complete' } | { kind: 'broken'; reason: string }
}

/** Redrawing more often than this would slow down the reading. */
const redrawMs = 50

/**
 * Reads the console file at `url` as a stream, and at `entriesUrl` which of its lines begin an entry; a change of
 * `attempt` reads them again.
 */
export function useConsoleLog(url: string, entriesUrl: string, attempt: number): LoadedConsole {
  const [loaded, setLoaded] = useState<LoadedConsole>(() => ({
    log: createConsoleLog(),
    lineCount: 0,
    rowCount: 0,
    state: { kind: 'loading' },
  }))

  useEffect(() => {
    const stopped = new AbortController()
    /** Ends the requests: one that fails must not leave the other open. */
    const requests = new AbortController()
    let log = createConsoleLog()
    const show = (state: LoadedConsole['state']) => {
      if (stopped.signal.aborted) return
      setLoaded({ log, lineCount: log.storedLineCount(), rowCount: log.rowCount(), state })
    }
    const timer = setInterval(() => show({ kind: 'loading' }), redrawMs)

    async function get(address: string) {
      const response = await fetch(address, { signal: requests.signal })
      if (!response.ok) throw new Error(`the server answered with status ${response.status}`)
      return response
    }

    async function read() {
      const [response, entries] = await Promise.all([
        get(url),
        // Without it the console is still there; only a text that looks like a time may be taken for one.
        get(entriesUrl).then(
          async (answer) => new Uint8Array(await answer.arrayBuffer()),
          () => null,
        ),
      ])
      if (!response.body) throw new Error('the server sent nothing')
      log = createConsoleLog(entries)
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
      .finally(() => {
        clearInterval(timer)
        requests.abort()
      })

    return () => {
      stopped.abort()
      requests.abort()
      clearInterval(timer)
    }
  }, [url, entriesUrl, attempt])

  return loaded
}
