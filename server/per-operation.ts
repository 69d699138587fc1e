/**
 * What one GraphQL operation shares among its fields, such as a loader: made at the first use, and
 * dropped with the operation's context.
 */
export function perOperation<Context extends object, Value>(
  make: (context: Context) => Value,
): (context: Context) => Value {
  const made = new WeakMap<Context, { value: Value }>()
  return (context) => {
    const known = made.get(context)
    if (known) return known.value
    const value = make(context)
    made.set(context, { value })
    return value
  }
}
