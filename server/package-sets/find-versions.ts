import { compareBytes } from '../compare-bytes.ts'
import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { groupBy } from '../group-by.ts'
import { inSlices, parametersPerStatement } from '../slices.ts'
import { ecosystemOf } from './ecosystems.ts'

const { sql, join } = Prisma

/** A package by what names it. */
export type PackageKey = { ecosystem: string; name: string }
export const keyOfPackage = ({ ecosystem, name }: PackageKey): string => `${ecosystem} ${name}`

/** A version that some build has, or had. */
export type KnownVersion = { id: number; version: string }

/** Versions of packages, the newest first, in the order of their ecosystems. Packages that no set has are absent. */
export async function findVersions(
  db: Reader,
  packages: readonly PackageKey[],
): Promise<Map<string, KnownVersion[]>> {
  const rows = await inSlices(packages, parametersPerStatement / 2, (slice) =>
    db.$queryRaw<(PackageKey & KnownVersion)[]>(
      sql`SELECT v.id, v.ecosystem, v.name, v.version FROM "PackageVersion" v
        WHERE (v.ecosystem, v.name) IN (VALUES ${join(slice.map(({ ecosystem, name }) => sql`(${ecosystem}, ${name})`))})
          AND EXISTS (SELECT 1 FROM "PackageSetEntry" e WHERE e."packageVersionId" = v.id)`,
    ),
  )
  const found = new Map<string, KnownVersion[]>()
  for (const [key, group] of groupBy(rows, keyOfPackage)) {
    const { compare } = ecosystemOf(group[0]?.ecosystem ?? '')
    const newestFirst = (l: KnownVersion, r: KnownVersion) =>
      compare(r.version, l.version) || compareBytes(r.version, l.version)
    found.set(key, group.map(({ id, version }) => ({ id, version })).toSorted(newestFirst))
  }
  return found
}

/** Advisories that are about versions, by the versions' numbers. */
export async function findAdvisoriesOf(
  db: Reader,
  versionIds: readonly number[],
): Promise<Map<number, string[]>> {
  const rows = await inSlices(versionIds, parametersPerStatement, (slice) =>
    db.$queryRaw<{ id: number; advisoryId: string }[]>(
      sql`SELECT "packageVersionId" AS id, "advisoryId" FROM "AdvisoryVersion"
        WHERE "packageVersionId" IN (${join(slice)}) ORDER BY "advisoryId"`,
    ),
  )
  const groups = groupBy(rows, ({ id }) => id)
  return new Map([...groups].map(([id, group]) => [id, group.map(({ advisoryId }) => advisoryId)]))
}
