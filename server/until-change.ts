import { LRUCache } from 'lru-cache'
import type { Events } from './events.ts'

/**
 * Keeps what was made of the stored facts until they change. What is being made when they change is
 * given to who asked for it, and not kept. Nor is what `isWorthKeeping` refuses: it is made again.
 */
export function untilChange<Value extends object>(
  events: Events,
  maxEntries: number,
  isWorthKeeping: (value: Value) => boolean = () => true,
): (key: string, make: () => Promise<Value>) => Promise<Value> {
  const kept = new LRUCache<string, Promise<Value>>({ max: maxEntries })
  for (const change of ['buildStored', 'jobDescribed'] as const) events.on(change, () => kept.clear())
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
