import { hash } from '../database/sql.ts'
import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Finding } from './finding.ts'

const { sql } = Prisma

const inputsPerPage = 200
/** Outputs of an input that are named. */
const mostOutputs = 5

/** Inputs whose builds have different main binaries: builder-db's verify-input-id. One finding for each input. */
export async function* listNotReproducible(db: Reader): AsyncGenerator<Finding, void, void> {
  let after: string | null = null
  for (;;) {
    const isAfter: Prisma.Sql = after === null ? sql`"inputId" IS NOT NULL` : sql`"inputId" > ${hash(after)}`
    // Raw SQL: it walks along an index. Prisma cannot count distinct values.
    const page: { inputId: string; count: number | bigint }[] = await db.$queryRaw(
      sql`SELECT "inputId", COUNT(DISTINCT "mainBinarySha256") AS count FROM "Build"
        WHERE ${isAfter} AND "mainBinarySha256" IS NOT NULL
        GROUP BY "inputId" HAVING COUNT(DISTINCT "mainBinarySha256") > 1 ORDER BY "inputId" LIMIT ${inputsPerPage}`,
    )
    for (const { inputId, count } of page) yield await describeInput(db, inputId, Number(count))
    after = page.at(-1)?.inputId ?? null
    if (page.length < inputsPerPage) return
  }
}

async function describeInput(db: Reader, inputId: string, count: number): Promise<Finding> {
  const outputs = await db.build.findMany({
    where: { inputId, mainBinarySha256: { not: null } },
    distinct: ['mainBinarySha256'],
    orderBy: [{ startedAt: 'asc' }, { id: 'asc' }],
    take: mostOutputs,
    select: { uuid: true, mainBinarySha256: true, job: { select: { name: true } } },
  })
  const [first] = outputs
  const named = outputs.map(({ uuid, mainBinarySha256 }) => `${mainBinarySha256} (build ${uuid})`)
  const more = count > outputs.length ? `, and ${count - outputs.length} more` : ''
  return {
    kind: 'NOT_REPRODUCIBLE',
    subject: { ...(first ? { job: first.job.name } : {}), inputId },
    detail: `the same input gave ${count} main binaries: ${named.join(', ')}${more}`,
    repairs: [],
  }
}
