/** Calls with the same key run one after the other, in the order in which they were asked for. */
export function createTurns<Key>() {
  const last = new Map<Key, Promise<unknown>>()
  return async function inTurn<Value>(key: Key, call: () => Promise<Value>): Promise<Value> {
    const before = last.get(key) ?? Promise.resolve()
    const own = before.then(call, call)
    last.set(key, own)
    try {
      return await own
    } finally {
      if (last.get(key) === own) last.delete(key)
    }
  }
}
