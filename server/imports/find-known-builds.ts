import type { Reader } from '../database/reader.ts'
import { slicesOf } from '../slices.ts'

/** UUIDs of builds that are stored here, and of those that were removed here and are not stored. */
export type KnownBuilds = { stored: ReadonlySet<string>; removed: ReadonlySet<string> }

const uuidsPerQuery = 500

export async function findKnownBuilds(db: Reader, uuids: readonly string[]): Promise<KnownBuilds> {
  const known = { stored: new Set<string>(), removed: new Set<string>() }
  for (const slice of slicesOf(uuids, uuidsPerQuery)) {
    const query = { where: { uuid: { in: [...slice] } }, select: { uuid: true } }
    for (const { uuid } of await db.build.findMany(query)) known.stored.add(uuid)
    for (const { uuid } of await db.tombstone.findMany(query))
      if (!known.stored.has(uuid)) known.removed.add(uuid)
  }
  return known
}
