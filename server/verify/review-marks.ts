import { toBlobId, type BlobStore } from '../blobs/blob-store.ts'
import { damageOf } from '../blobs/damage-of.ts'
import type { Database } from '../database/connections.ts'
import type { ByteRate } from './byte-rate.ts'
import { listMarks, type DamageMarks } from './damage-marks.ts'
import { findReferringRows } from './describe-references.ts'

const marksPerLook = 100

type Look = { sha256: string; isDamaged: boolean }

/**
 * Removes marks of content that is whole again, or that nothing refers to any more. Begins after the hash `after`, and
 * stops when `isOver` says so. Returns the last hash that it has looked at; null: it has looked at all.
 */
export async function reviewMarks(
  { db, store, damage }: Pick<Database, 'db'> & { store: BlobStore; damage: DamageMarks },
  {
    rate,
    after = null,
    isOver = () => false,
    onNote = () => {},
  }: {
    rate: ByteRate
    after?: string | null
    isOver?: () => boolean
    onNote?: (text: string) => void
  },
): Promise<string | null> {
  // Together: to find what refers to them, all builds may have to be read.
  async function settle(looked: readonly Look[]): Promise<void> {
    const damaged = looked.filter(({ isDamaged }) => isDamaged).map(({ sha256 }) => sha256)
    const referring = damaged.length > 0 ? await findReferringRows(db, damaged) : new Map()
    const over = looked.filter(({ sha256, isDamaged }) => !isDamaged || !referring.has(sha256))
    if (over.length === 0) return
    await damage.clear(over.map(({ sha256 }) => sha256))
    for (const { sha256, isDamaged } of over)
      onNote(
        isDamaged
          ? `mark of ${sha256} removed: nothing refers to it`
          : `${sha256} is whole again: its mark is removed`,
      )
  }

  let looked: Look[] = []
  for await (const { sha256 } of listMarks(db, after)) {
    looked.push({ sha256, isDamaged: (await damageOf(store, toBlobId(sha256), rate)) !== null })
    const isLast = isOver()
    if (looked.length < marksPerLook && !isLast) continue
    await settle(looked)
    looked = []
    if (isLast) return sha256
  }
  await settle(looked)
  return null
}
