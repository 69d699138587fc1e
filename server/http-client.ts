import { DomainError } from './errors.ts'

/** The answer of another site is larger than what is read of it. */
export class AnswerTooLargeError extends DomainError {
  override readonly name = 'AnswerTooLargeError'
}

/** Another site does not answer in time. */
export class AnswerTooLateError extends DomainError {
  override readonly name = 'AnswerTooLateError'
}

export type HttpLimits = {
  /** From the start of the request to the last byte of the answer. */
  timeoutMs?: number
  /** Of the body of the answer, as it is after decompression. */
  maxBytes?: number
  /** Limits the time without a byte instead of the time of the whole answer: for large downloads. */
  idleMs?: number
  /** With `idleMs`: the least that the body has to bring on average, looked at from the time `idleMs` on. */
  minBytesPerSecond?: number
}

/**
 * Sends a request to another site, as `fetch` does. Rejects with AnswerTooLateError; reading the body, which counts as part
 * of the answer, fails with that or AnswerTooLargeError.
 */
export type HttpClient = (url: string | URL, init?: RequestInit & HttpLimits) => Promise<Response>

const defaults = { timeoutMs: 10_000, maxBytes: 1024 ** 2 }

export function createHttpClient(limits: HttpLimits = {}): HttpClient {
  return async (url, { timeoutMs, maxBytes, idleMs, minBytesPerSecond = 0, signal, ...init } = {}) => {
    const limit = { ...defaults, ...limits, ...(timeoutMs && { timeoutMs }), ...(maxBytes && { maxBytes }) }
    const { host } = new URL(url)
    const late = new AbortController()
    const waitMs = idleMs ?? limit.timeoutMs
    const reason = new AnswerTooLateError(
      idleMs === undefined
        ? `${host} does not answer within ${waitMs / 1000} s`
        : `${host} sends nothing for ${waitMs / 1000} s`,
    )
    // The socket keeps the process alive; a body that is cancelled leaves the timer.
    const timer = setTimeout(() => late.abort(reason), waitMs).unref()
    const startedAt = performance.now()
    const noteChunk = (sizeBytes: number) => {
      if (idleMs === undefined) return
      timer.refresh()
      const elapsedMs = performance.now() - startedAt
      if (elapsedMs > idleMs && (sizeBytes / elapsedMs) * 1000 < minBytesPerSecond)
        late.abort(new AnswerTooLateError(`${host} sends less than ${minBytesPerSecond} bytes a second`))
    }
    try {
      const answer = await fetch(url, {
        ...init,
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      })
      if (answer.body === null) {
        clearTimeout(timer)
        return answer
      }
      const body = answer.body.pipeThrough(
        atMost(limit.maxBytes, host, {
          onChunk: noteChunk,
          onEnd: () => clearTimeout(timer),
        }),
      )
      return new Response(body, answer)
    } catch (error) {
      clearTimeout(timer)
      throw error
    }
  }
}

/** `onChunk` is told how many bytes there were until now. */
type Told = { onChunk: (sizeBytes: number) => void; onEnd: () => void }

/** Passes at most so many bytes on. `onEnd` is called after the last one. */
function atMost(
  maxBytes: number,
  host: string,
  { onChunk, onEnd }: Told,
): TransformStream<Uint8Array, Uint8Array> {
  let sizeBytes = 0
  return new TransformStream({
    transform(chunk, controller) {
      sizeBytes += chunk.length
      onChunk(sizeBytes)
      if (sizeBytes <= maxBytes) controller.enqueue(chunk)
      else {
        onEnd()
        throw new AnswerTooLargeError(`${host} answers with more than ${maxBytes} bytes`)
      }
    },
    flush: onEnd,
  })
}
