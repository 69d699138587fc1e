import type { IncomingMessage } from 'node:http'
import { LRUCache } from 'lru-cache'
import { carriesCredentials } from './users/credentials.ts'
import { growingTo } from './growing-to.ts'
import { onVisibleChange, type ChangeFeed } from './changes/change-feed.ts'

/** The request that is answered. */
type Asker = Pick<IncomingMessage, 'headers'>

/**
 * A cache of values that are computed from the stored facts. A visible change, whoever made it, empties it. A value whose
 * computation overlaps with a change is returned to its callers, but not cached. Errors, and values that
 * `isWorthKeeping` refuses, are not cached either. Values expire after `maxAgeMs`; 0: never. A request that
 * carries credentials is a user's: its value is computed for it alone, and is not cached.
 */
export function untilChange<Value extends object>(
  changes: Pick<ChangeFeed, 'look' | 'on'>,
  maxEntries: number,
  isWorthKeeping: (value: Value) => boolean = () => true,
  maxAgeMs = 0,
): (asker: Asker, key: string, make: () => Promise<Value>) => Promise<Value> {
  const kept = new LRUCache<string, Promise<Value>>({ ...growingTo(maxEntries), ttl: maxAgeMs })
  onVisibleChange(changes, () => kept.clear())

  function find(key: string, make: () => Promise<Value>): Promise<Value> {
    const found = kept.get(key)
    if (found) return found
    const made = make()
    kept.set(key, made)
    const drop = () => kept.peek(key) === made && kept.delete(key)
    made.then((value) => isWorthKeeping(value) || drop(), drop)
    return made
  }

  return (asker, key, make) => {
    if (carriesCredentials(asker.headers)) return make()
    const looking = changes.look()
    return looking ? looking.then(() => find(key, make)) : find(key, make)
  }
}
