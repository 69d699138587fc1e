import type { BlobId, Staged } from './blob-store.ts'

/** State of a blob that uploads in flight refer to. */
type Claim = { holders: number; isNew: boolean; isKept: boolean }

/**
 * Reference counts for the blobs of uploads in flight, from the commit of the blobs to the end of the
 * transaction. A blob that one of these uploads created, and that none of them keeps, is deleted when its
 * last holder releases it. An upload that claims a blob during its deletion waits for the deletion.
 *
 * The counts are in memory: a data directory has one server, and blobs that a crash leaves are harmless.
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
    /** Call this before checking whether the blobs exist. */
    async claim(staged: readonly Staged[]): Promise<void> {
      for (const one of staged) {
        const claim = claims.get(one.id) ?? { holders: 0, isNew: false, isKept: false }
        claim.holders += 1
        claims.set(one.id, claim)
        holders.add(one)
      }
      // If a deletion fails, the blob still exists, so the claim is valid.
      await Promise.allSettled(staged.flatMap(({ id }) => removals.get(id) ?? []))
    },

    /** Record that this upload created the blob. */
    noteNew(id: BlobId): void {
      const claim = claims.get(id)
      if (claim) claim.isNew = true
    },

    /** End the claims. Staged blobs without a claim are ignored. */
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
