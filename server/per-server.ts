/**
 * A value that belongs to one server, such as a cache, so that two servers in one process share nothing. It is
 * created at its first use. `part` is anything that each server has one of, such as `deps.workers`; the value
 * lives as long as it.
 */
export function perServer<Value>(make: () => Value): (part: object) => Value {
  const made = new WeakMap<object, { value: Value }>()
  return (part) => {
    const known = made.get(part)
    if (known) return known.value
    const value = make()
    made.set(part, { value })
    return value
  }
}
