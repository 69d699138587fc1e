import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from 'graphql-sse'
import { addressBelow } from './remote/address-below.ts'
import { ObserveError } from './observe-error.ts'
import { lastLineOf, type ObservedRun } from './print-observed-run.ts'
import { restOfConsole } from './rest-of-console.ts'

type Event = {
  run: ObservedRun | null
  attempt: number | null
  lines: { number: number; text: string }[]
  isLast: boolean
}

const query = `subscription ($run: UUID!, $after: Int, $attempt: Int) {
  runConsole(run: $run, after: $after, attempt: $attempt) {
    run {
      state error waiting { ahead reason } tries { number workerName ending error }
      build { consoleResourcePath result {
        __typename ... on ExitedResult { code } ... on SignalledResult { signal name }
        ... on StoppedResult { signal name } ... on AbortedResult { message }
      } }
    }
    attempt lines { number text } isLast
  }
}`

const pauseMs = 1_000

/** What happens to a run, for whoever prints it. */
export type Observer = {
  line: (text: string) => void
  changed: (run: ObservedRun) => void
  /** The connection broke, and is made again. */
  broken: () => void
}

/**
 * Follows a run at a site until it ends, and returns it as it is then. After a break it goes on behind the last line. Throws
 * ObserveError if the site refuses, if it cannot be reached at first, and when `signal` is aborted.
 */
export async function observeRun(
  { url, run, token }: { url: string; run: string; token: string | null },
  observer: Observer,
  signal: AbortSignal,
): Promise<ObservedRun> {
  const headers: Record<string, string> = token === null ? {} : { Authorization: `Bearer ${token}` }
  const client = createClient({ url: addressBelow(url, '/graphql').href, retryAttempts: 0, headers })
  signal.addEventListener('abort', () => client.dispose())
  let position: { attempt: number | null; after: number } = { attempt: null, after: 0 }
  let isConnected = false

  /** A run that ends quickly has a build, and no live console, before all of its lines were seen. */
  function unseenLines({ build, state, tries }: ObservedRun): AsyncIterable<string> {
    if (!build || (state !== 'DONE' && state !== 'FAILED')) return noLines()
    const after = position.attempt === tries.at(-1)?.number ? position.after : 0
    return restOfConsole(addressBelow(url, build.consoleResourcePath), headers, after)
  }

  try {
    while (!signal.aborted) {
      const events = client.iterate<{ runConsole: Event }>({ query, variables: { run, ...position } })
      try {
        for await (const { data, errors } of events) {
          if (errors) throw new ObserveError(errors.map(({ message }) => message).join('; '))
          if (!data) continue
          isConnected = true
          const { attempt, lines, run: changed, isLast } = data.runConsole
          for (const { text } of lines) observer.line(text)
          position = lastLineOf(position, attempt, lines)
          if (changed && isLast) {
            for await (const text of unseenLines(changed)) observer.line(text)
            return changed
          }
          if (changed) observer.changed(changed)
        }
      } catch (error) {
        if (error instanceof ObserveError) throw error
        const status = statusOf(error)
        if (status !== null) throw new ObserveError(`${url} answers with the status ${status}`)
        if (!isConnected && !signal.aborted)
          throw new ObserveError(
            `${url} cannot be reached: ${error instanceof Error ? error.message : ''}; --hub names the site`,
          )
      }
      if (signal.aborted) break
      observer.broken()
      await pause(pauseMs, null, { signal }).catch(() => {})
    }
  } finally {
    client.dispose()
  }
  throw new ObserveError('stopped; the run goes on')
}

async function* noLines(): AsyncGenerator<string> {}

/** Of an answer that is no stream; a server that starts may answer 503 for a moment. */
function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('response' in error)) return null
  const { response } = error as { response: { status?: number } | null | undefined }
  const status = response?.status
  return status === undefined || status === 502 || status === 503 ? null : status
}
