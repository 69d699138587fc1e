/**
 * A value for each of some objects, such as a loader for each operation or a cache for each server. It is created
 * when it is first asked for, and lives as long as its object.
 */
export function oneForEach<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, { value: Value }>()
  return (key) => {
    const known = made.get(key)
    if (known) return known.value
    const value = make(key)
    made.set(key, { value })
    return value
  }
}
