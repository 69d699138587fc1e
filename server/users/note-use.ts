import { LRUCache } from 'lru-cache'
import type { Deps } from '../deps.ts'
import { growingTo } from '../growing-to.ts'
import type { Credential } from './viewer.ts'

/** The last use of a token is written at most so often. */
const noteEveryMs = 3_600_000

/**
 * Notes when, and from where, a token was last used: after the answer, and at most hourly. A note that cannot be written is
 * left out.
 */
export function createUseNotes({
  writer,
  clock,
  background,
}: Pick<Deps, 'background' | 'clock' | 'writer'>): (credential: Credential, address: string) => void {
  // Of this process; another one may have noted the same hour, too.
  const noted = new LRUCache<number, number>(growingTo(10_000))

  return (credential, address) => {
    if (credential.kind !== 'token') return
    const { id } = credential
    const now = clock.now()
    const last = noted.get(id)
    if (last !== undefined && Math.abs(now.getTime() - last) < noteEveryMs) return
    noted.set(id, now.getTime())
    const isDue = {
      OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: new Date(now.getTime() - noteEveryMs) } }],
    }
    background.run('note the use of a token', () =>
      writer.transact([], (tx) =>
        tx.token.updateMany({ where: { id, ...isDue }, data: { lastUsedAt: now, lastUsedFrom: address } }),
      ),
    )
  }
}
