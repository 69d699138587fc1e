import { refused } from './bad-request.ts'

/** How long a client may take to send an operation; a file that comes with it may take longer. */
const deadlineMs = 30_000

/**
 * The chunks of a body; asking for one throws once `deadlineMs` have passed, until `settle` ends the deadline: a
 * client that sends a byte now and then would hold its connection for ever.
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
