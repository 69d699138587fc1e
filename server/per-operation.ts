/** The event of a subscription that each context is at. */
const currentEvents = new WeakMap<object, object>()

/**
 * A value that the fields of one GraphQL operation share, such as a loader. It lives as long as its context; in a subscription
 * as long as an event.
 */
export function perOperation<Context extends object, Value>(
  make: (context: Context) => Value,
): (context: Context) => Value {
  const made = new WeakMap<object, { value: Value }>()
  return (context) => {
    const key = currentEvents.get(context) ?? context
    const known = made.get(key)
    if (known) return known.value
    const value = make(context)
    made.set(key, { value })
    return value
  }
}

/**
 * Begins an event of a subscription: its fields see nothing that those of the events before have loaded. Its resolver calls it;
 * the events of a subscription are resolved one after the other.
 */
export function beginEvent(context: object): void {
  currentEvents.set(context, {})
}
