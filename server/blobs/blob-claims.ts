import type { BlobId, Staged } from './blob-store.ts'

/** What uploads that are under way know of a blob. */
type Claim = { holders: number; isNew: boolean; isKept: boolean }

/**
 * Who counts on which blobs, from the commit until it is known whether a row names them. A blob that
 * is new since the first of them came, and that none of them kept, is removed with the last; whoever
 * comes meanwhile waits until it is gone, and does not find it there.
 *
 * All in memory: a data directory has one server, and what a crash leaves behind is harmless.
 */
export function blobClaims(remove: (id: BlobId) => Promise<void>) {
  const claims = new Map<BlobId, Claim>()
  const removals = new Map<BlobId, Promise<void>>()
  const holders = new WeakSet<Staged>()

  async function removeOnce(id: BlobId): Promise<void> {
    const removal = remove(id)
    removals.set(id, removal)
    try {
      await removal
    } finally {
      removals.delete(id)
    }
  }

  return {
    /** Before it is looked whether the blobs are there. */
    async claim(staged: readonly Staged[]): Promise<void> {
      for (const one of staged) {
        const claim = claims.get(one.id) ?? { holders: 0, isNew: false, isKept: false }
        claim.holders += 1
        claims.set(one.id, claim)
        holders.add(one)
      }
      // One that could not be removed is there.
      await Promise.allSettled(staged.flatMap(({ id }) => removals.get(id) ?? []))
    },

    /** The blob was not there, and is now. */
    noteNew(id: BlobId): void {
      const claim = claims.get(id)
      if (claim) claim.isNew = true
    },

    /** The end of what `claim` began; those that claimed nothing are left alone. */
    async release(staged: readonly Staged[], { isKept }: { isKept: boolean }): Promise<void> {
      const unwanted: BlobId[] = []
      for (const one of staged) {
        const claim = claims.get(one.id)
        if (!claim || !holders.delete(one)) continue
        claim.holders -= 1
        claim.isKept ||= isKept
        if (claim.holders > 0) continue
        claims.delete(one.id)
        if (claim.isNew && !claim.isKept) unwanted.push(one.id)
      }
      await Promise.all(unwanted.map(removeOnce))
    },
  }
}
