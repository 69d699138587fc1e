/**
 * Joins what is added in one turn of the event loop, or while a write is under way, to one write. One write at a time; the
 * order stays.
 */
export function batchedWrites<Item>(write: (items: readonly Item[]) => Promise<void>) {
  let waiting: Item[] = []
  let next: Promise<void> | null = null
  let running: Promise<void> = Promise.resolve()

  async function writeNext(before: Promise<void>): Promise<void> {
    await before.catch(() => {})
    await new Promise<void>((resolve) => setImmediate(resolve))
    const items = waiting
    waiting = []
    next = null
    await write(items)
  }

  return {
    /** Resolves when the items are written; rejects when the write that has them fails. */
    add(items: readonly Item[]): Promise<void> {
      for (const item of items) waiting.push(item)
      next ??= running = writeNext(running)
      return next
    },

    /** Resolves when all that was added before is written, or has failed. */
    settled: (): Promise<void> => running.catch(() => {}),
  }
}
