import { useApolloClient } from '@apollo/client/react'
import { useEffect, useState } from 'react'
import { createConsoleLog } from '../console/console-log.ts'
import type { LoadedConsole } from '../console/use-console-log.ts'
import { followRun, type RunEvent } from './follow-run.ts'
import { RunFragment } from './run-fragment.ts'

/** Redrawing more often than this would slow down the reading. */
const redrawMs = 50

/** What has come of a run. `attempt`: the number of the try whose console it is; null: nothing was printed yet. */
export type RunStream = {
  console: LoadedConsole
  attempt: number | null
  isConnected: boolean
  /** The run has ended, and all of it is here. */
  isOver: boolean
}

const nothing = (): RunStream => ({
  console: { log: createConsoleLog(), lineCount: 0, rowCount: 0, state: { kind: 'live' } },
  attempt: null,
  isConnected: true,
  isOver: false,
})

/** Follows a run, unless it has ended (`isLive` at first). Keeps the run itself up to date in Apollo's cache. */
export function useRunStream(uuid: string, isLive: boolean): RunStream {
  const { cache } = useApolloClient()
  const [stream, setStream] = useState(nothing)
  const [follows] = useState(isLive)

  useEffect(() => {
    if (!follows) return
    let log = createConsoleLog()
    let attempt: number | null = null
    let isConnected = true
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined

    function draw(): void {
      timer = undefined
      setStream({
        console: {
          ...{ log, lineCount: log.storedLineCount(), rowCount: log.rowCount() },
          state: { kind: isOver ? 'complete' : 'live' },
        },
        ...{ attempt, isConnected, isOver },
      })
    }
    const drawSoon = () => (timer ??= setTimeout(draw, redrawMs))

    function take(event: RunEvent): void {
      if (event.run) {
        const id = cache.identify(event.run)
        // What the server sent for this very fragment.
        const written = { fragment: RunFragment, fragmentName: 'RunOnPage', data: event.run as never }
        if (id !== undefined) cache.writeFragment({ id, ...written })
      }
      if (event.attempt != null && event.attempt !== attempt) {
        attempt = event.attempt
        log = createConsoleLog()
      }
      for (const { offsetMs, text } of event.lines) log.add(offsetMs, text)
      isOver = event.isLast
      drawSoon()
    }

    const end = followRun(uuid, {
      onEvent: take,
      onConnection(now) {
        if (isConnected === now) return
        isConnected = now
        drawSoon()
      },
    })
    return () => {
      end()
      clearTimeout(timer)
    }
  }, [cache, uuid, follows])

  return stream
}
