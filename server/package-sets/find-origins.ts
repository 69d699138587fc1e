import type { Reader } from '../database/reader.ts'
import type { Transaction } from '../database/writer.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { parametersPerStatement, slicesOf } from '../slices.ts'
import type { PackageId } from './identify-source.ts'

const { sql, join } = Prisma

/** The packages that switches of the site have with these checksums of sources, by checksum. */
export async function findOrigins(
  db: Pick<Reader, '$queryRaw'> | Pick<Transaction, '$queryRaw'>,
  checksums: readonly string[],
): Promise<Map<string, PackageId[]>> {
  const found = new Map<string, PackageId[]>()
  for (const slice of slicesOf([...new Set(checksums)], parametersPerStatement)) {
    const rows = await db.$queryRaw<(PackageId & { checksum: string })[]>(
      sql`SELECT o.checksum, v.name, v.version FROM "SourceOrigin" o
        JOIN "PackageVersion" v ON v.id = o."packageVersionId" WHERE o.checksum IN (${join(slice)})
        ORDER BY v.name, v.version`,
    )
    for (const { checksum, ...one } of rows) found.set(checksum, [...(found.get(checksum) ?? []), one])
  }
  return found
}
