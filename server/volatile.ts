const volatileContexts = new WeakSet<object>()

/**
 * Mark the response to this operation as short-lived: it shows runs, queues or analyses that are not finished,
 * or lacks what a damaged file had.
 */
export function markVolatile(context: object): void {
  volatileContexts.add(context)
}

export function isVolatile(context: object): boolean {
  return volatileContexts.has(context)
}
