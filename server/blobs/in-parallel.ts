/** The thread pool has four threads by default; more calls at once would only starve other uploads. */
const parallelCalls = 4

/** `Promise.all` over a bounded number of calls at a time; after a failure no further call is started. */
export async function inParallel<T, R>(
  items: readonly T[],
  call: (item: T) => Promise<R>,
  limit = parallelCalls,
): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  // One iterator feeds every worker; a failure ends it for the others too.
  let failed = false
  const worker = async () => {
    for (const [index, item] of queue) {
      if (failed) return
      try {
        results[index] = await call(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const workers = Array.from({ length: Math.min(limit, items.length) }, worker)
  // Wait for all: none may still touch a file while the caller cleans up.
  const outcomes = await Promise.allSettled(workers)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  return results
}
