/**
 * A value that the fields of one GraphQL operation share, such as a loader. It is created at its first use and
 * lives as long as the context of the operation.
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
