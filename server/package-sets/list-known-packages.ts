import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Page } from '../page.ts'
import type { PackageKey } from './find-versions.ts'

const { sql, join } = Prisma

/** Filter of a list of packages. Absent parts do not restrict the list. `search`: a part of the name. */
export type PackageFilter = { ecosystem?: string | null; search?: string | null }

function conditions({ ecosystem, search }: PackageFilter, page?: Page<PackageKey>): Prisma.Sql {
  const beyond = (operator: Prisma.Sql, { name, ecosystem }: PackageKey) =>
    sql`(v.name, v.ecosystem) ${operator} (${name}, ${ecosystem})`
  const all = [
    ecosystem ? sql`v.ecosystem = ${ecosystem}` : null,
    search ? contains(search) : null,
    page?.after ? beyond(sql`>`, page.after) : null,
    page?.before ? beyond(sql`<`, page.before) : null,
    sql`EXISTS (SELECT 1 FROM "PackageSetEntry" e WHERE e."packageVersionId" = v.id)`,
  ].filter((condition) => condition !== null)
  return join(all, ' AND ')
}

/** `%` and `_` are not wildcards. */
function contains(text: string): Prisma.Sql {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  return sql`LOWER(v.name) LIKE LOWER(${pattern}) ESCAPE '\\'`
}

/** A page of packages by name, in the order of the list, and one more if it exists. */
export async function listKnownPackages(
  db: Reader,
  filter: PackageFilter,
  page: Page<PackageKey>,
): Promise<PackageKey[]> {
  const order = page.backward ? sql`DESC` : sql`ASC`
  const rows = await db.$queryRaw<PackageKey[]>(
    sql`SELECT v.name, v.ecosystem FROM "PackageVersion" v WHERE ${conditions(filter, page)}
      GROUP BY v.name, v.ecosystem ORDER BY v.name ${order}, v.ecosystem ${order} LIMIT ${page.limit + 1}`,
  )
  return page.backward ? rows.toReversed() : rows
}

/** Number of packages that match a filter. */
export async function countKnownPackages(db: Reader, filter: PackageFilter): Promise<number> {
  const [row] = await db.$queryRaw<{ count: bigint }[]>(
    sql`SELECT COUNT(*) AS count FROM (SELECT 1 FROM "PackageVersion" v WHERE ${conditions(filter)}
      GROUP BY v.name, v.ecosystem) g`,
  )
  return Number(row?.count ?? 0)
}
