const volatileContexts = new WeakSet<object>()

/** The response to this operation will soon be another one: it shows work that is still under way. */
export function markVolatile(context: object): void {
  volatileContexts.add(context)
}

export function isVolatile(context: object): boolean {
  return volatileContexts.has(context)
}
