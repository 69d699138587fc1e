import { createClient, type Client } from 'graphql-sse'
import type { RunConsoleSubscription as Answer } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { persistedHash } from '../persisted-hash.ts'

const RunConsoleSubscription = graphql(`
  subscription RunConsole($run: UUID!, $after: Int, $attempt: Int) {
    runConsole(run: $run, after: $after, attempt: $attempt) {
      run {
        uuid
        ...RunOnPage
      }
      attempt
      lines {
        number
        offsetMs
        text
      }
      isLast
    }
  }
`)

export type RunEvent = Answer['runConsole']

export type RunListener = {
  onEvent: (event: RunEvent) => void
  /** Whether events come now. */
  onConnection: (isConnected: boolean) => void
}

/** Before another attempt to connect: a server that restarts is back soon, one that is down is not to be pressed. */
const pausesMs = [500, 1_000, 3_000, 10_000]

let sse: Client | null = null

/**
 * Follows a run until its end, or until the function that this returns is called. After a break it goes on behind the last
 * line that it has: no line comes twice, and none is missing.
 */
export function followRun(run: string, { onEvent, onConnection }: RunListener): () => void {
  sse ??= createClient({ url: new URL('/graphql', location.href).href, retryAttempts: 0 })
  const client = sse
  const sha256Hash = persistedHash(RunConsoleSubscription)
  let position: { attempt: number | null; after: number } = { attempt: null, after: 0 }
  let failures = 0
  let isOver = false
  let end = () => {}
  let timer: ReturnType<typeof setTimeout> | undefined

  function take(event: RunEvent): void {
    failures = 0
    onConnection(true)
    const { attempt, lines } = event
    const last = lines.at(-1)
    if (attempt != null && last) position = { attempt, after: last.number }
    if (event.isLast) isOver = true
    onEvent(event)
  }

  function again(): void {
    if (isOver) return
    onConnection(false)
    timer = setTimeout(open, pausesMs[Math.min(failures++, pausesMs.length - 1)])
  }

  function open(): void {
    end = client.subscribe<Answer>(
      {
        query: '',
        variables: { run, ...position },
        extensions: { persistedQuery: { version: 1, sha256Hash } },
      },
      {
        next: ({ data }) => data && !isOver && take(data.runConsole),
        error: again,
        // A server that stops completes its streams.
        complete: again,
      },
    )
  }

  open()
  return () => {
    isOver = true
    clearTimeout(timer)
    end()
  }
}
