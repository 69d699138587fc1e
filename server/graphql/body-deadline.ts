import { refused } from './bad-request.ts'

/** Time limit for sending an operation. A file in the same request may take longer. */
const deadlineMs = 30_000

/**
 * The chunks of a body, with a deadline: otherwise a client that sends a byte now and then would hold its connection
 * for ever. After the deadline, reading throws an error with status 408. If the client disconnects before, reading
 * throws one with status 400. `settle` ends the deadline, once the operation is read.
 */
export function withinDeadline(body: AsyncIterable<Uint8Array>): {
  chunks: AsyncIterable<Uint8Array>
  settle: () => void
} {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(refused(408, `the operation did not arrive within ${deadlineMs / 1000} seconds: send it again`))
    }, deadlineMs)
    timer.unref()
  })
  late.catch(() => {})
  let isSettled = false
  const settle = () => {
    isSettled = true
    clearTimeout(timer)
  }
  const refuseIfEarly = (error: unknown): never => {
    throw isSettled ? error : refused(400, 'the connection ended before the operation was there')
  }
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const source = body[Symbol.asyncIterator]()
    try {
      for (;;) {
        const asked = isSettled ? source.next() : source.next().catch(refuseIfEarly)
        const next = await (isSettled ? asked : Promise.race([asked, late]))
        if (next.done) return
        yield next.value
      }
    } finally {
      settle()
    }
  }
  return { chunks: chunks(), settle }
}
