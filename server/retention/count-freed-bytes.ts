import { toBlobId, type BlobId } from '../blobs/blob-store.ts'
import type { Reader } from '../database/reader.ts'
import type { BuildId } from '../ids.ts'
import { countReferences } from '../storage/collect-blobs.ts'
import { referenceFilter } from '../storage/reference-filter.ts'
import { judgeBuilds } from './judge-builds.ts'
import type { Keep } from './keep.ts'
import { listPlaces, type Place } from './places.ts'
import type { PlannedPlace } from './vacuum.ts'

const everything: Keep = { days: Infinity }

/**
 * How many bytes of content only builds refer to that `vacuum` would remove: so much is free when their content is
 * deleted. One number for each place of the plan, in its order; what places share counts for the first of them. Reads what all builds of the site refer to, in constant memory: a Bloom filter knows what stays, so the result
 * may be too small by some 0.25 %. Not counted: results of analyses, which stay, and line indexes of consoles.
 */
export async function countFreedBytesOfPlaces(
  db: Reader,
  plan: readonly PlannedPlace[],
  now: Date,
  onBuilds: (count: number) => void = () => {},
): Promise<number[]> {
  const places = await listPlaces(db)
  const counted = referenceFilter(await countReferences(db))
  const nameOf = ({ jobId, platformId }: Place) => `${jobId} ${platformId}`
  const keepOf = new Map(plan.map(({ place, keep }) => [nameOf(place), keep]))
  let lookedAt = 0
  for (const place of places)
    for await (const page of judgeBuilds(db, place, keepOf.get(nameOf(place)) ?? everything, now)) {
      const staying = page.filter(({ stays }) => stays !== null).map(({ id }) => id)
      for (const { id } of await readContents(db, staying)) counted.add(id)
      onBuilds((lookedAt += page.length))
    }
  const freed: number[] = []
  for (const { place, keep } of plan) {
    let freedBytes = 0
    for await (const page of judgeBuilds(db, place, keep, now)) {
      const leaving = page.filter(({ stays }) => stays === null).map(({ id }) => id)
      for (const { id, sizeBytes } of await readContents(db, leaving)) {
        if (counted.mayHave(id)) continue
        counted.add(id)
        freedBytes += sizeBytes
      }
    }
    freed.push(freedBytes)
  }
  return freed
}

/** The sum of that. */
export async function countFreedBytes(...asked: Parameters<typeof countFreedBytesOfPlaces>): Promise<number> {
  return (await countFreedBytesOfPlaces(...asked)).reduce((sum, bytes) => sum + bytes, 0)
}

/** What builds refer to. A content may be there several times. */
async function readContents(db: Reader, ids: BuildId[]): Promise<{ id: BlobId; sizeBytes: number }[]> {
  if (ids.length === 0) return []
  const artifacts = await db.artifact.findMany({
    where: { buildId: { in: ids } },
    select: { sha256: true, sizeBytes: true },
  })
  const builds = await db.build.findMany({
    where: { id: { in: ids } },
    select: { scriptSha256: true, scriptSizeBytes: true, consoleSha256: true, consoleSizeBytes: true },
  })
  return [
    ...artifacts.map(({ sha256, sizeBytes }) => ({ id: toBlobId(sha256), sizeBytes: Number(sizeBytes) })),
    ...builds.flatMap(({ scriptSha256, scriptSizeBytes, consoleSha256, consoleSizeBytes }) => [
      { id: toBlobId(scriptSha256), sizeBytes: Number(scriptSizeBytes) },
      { id: toBlobId(consoleSha256), sizeBytes: Number(consoleSizeBytes) },
    ]),
  ]
}
