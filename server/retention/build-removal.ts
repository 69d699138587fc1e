import type { Reader } from '../database/reader.ts'

/** What is known of the builds that are to be removed. Bytes that other builds need, too, are among them. */
export type RemovalSize = { buildCount: number; pinnedCount: number; bytes: number }

/** Of one build, or of all builds of a job. Two statements. */
export async function measureRemoval(
  db: Reader,
  of: { uuid: string } | { job: { name: string } },
): Promise<RemovalSize> {
  const { _count, _sum } = await db.build.aggregate({
    where: of,
    _count: true,
    _sum: { artifactsSizeBytes: true, consoleSizeBytes: true, scriptSizeBytes: true },
  })
  const bytes = [_sum.artifactsSizeBytes, _sum.consoleSizeBytes, _sum.scriptSizeBytes].reduce<number>(
    (sum, size) => sum + Number(size ?? 0),
    0,
  )
  return { buildCount: _count, pinnedCount: await db.pin.count({ where: { build: of } }), bytes }
}
