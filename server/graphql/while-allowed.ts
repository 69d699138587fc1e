import { Repeater } from 'graphql-yoga'
import type { Log } from '../log.ts'

/** A stream goes on at most so long after its credentials have ended. */
const everyMs = 30_000

/**
 * The items of a stream, as long as `isAllowed` says yes: it is asked every 30 seconds. A question that fails, such as while the
 * database is away, is asked again.
 */
export function whileAllowed<Item>(
  stream: AsyncIterable<Item>,
  isAllowed: () => Promise<boolean>,
  log: Pick<Log, 'warn'>,
): Repeater<Item> {
  return new Repeater<Item>(async (push, stop) => {
    const items = stream[Symbol.asyncIterator]()
    void stop.then(() => items.return?.())
    const timer = setInterval(() => {
      isAllowed().then(
        (isStillAllowed) => isStillAllowed || stop(),
        (error: unknown) => log.warn({ err: error }, 'the credentials of a stream cannot be checked'),
      )
    }, everyMs)
    timer.unref()
    try {
      for (let item = await items.next(); !item.done; item = await items.next()) await push(item.value)
      stop()
    } finally {
      clearInterval(timer)
    }
  })
}
