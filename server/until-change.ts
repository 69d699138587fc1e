import { LRUCache } from 'lru-cache'
import { onChange, type Events } from './events.ts'

/**
 * A cache of what was made from the stored facts; a change of these empties it. A value that is still
 * being made then goes to its callers, and is not kept. Nor is a value that `isWorthKeeping` refuses, or
 * an error. `maxAgeMs`: for what time changes, too.
 */
export function untilChange<Value extends object>(
  events: Events,
  maxEntries: number,
  isWorthKeeping: (value: Value) => boolean = () => true,
  maxAgeMs = 0,
): (key: string, make: () => Promise<Value>) => Promise<Value> {
  const kept = new LRUCache<string, Promise<Value>>({ max: maxEntries, ttl: maxAgeMs })
  onChange(events, () => kept.clear())
  return (key, make) => {
    const found = kept.get(key)
    if (found) return found
    const made = make()
    kept.set(key, made)
    const drop = () => kept.peek(key) === made && kept.delete(key)
    made.then((value) => isWorthKeeping(value) || drop(), drop)
    return made
  }
}
