import { hash } from '../database/sql.ts'
import type { Verdict } from '../builds/verdict.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { groupBy } from '../group-by.ts'
import type { Reader } from '../database/reader.ts'
import { inSlices, parametersPerStatement, slicesOf } from '../slices.ts'
import type { Transaction } from '../database/writer.ts'
import { eachBuildOfJob, type StoredBuild } from './build-facts.ts'
import { changeVerdicts } from './change-verdicts.ts'
import type { Difference, FactRow, Scope } from './fact-rule.ts'
import { compareRows, writeExpected, type FactTable } from './fact-table.ts'

const { sql, join } = Prisma

const outputs: FactTable = {
  rule: 'verdicts',
  table: 'Output',
  key: ['sha256'],
  values: ['buildCount', 'inputCount', 'hasOtherOutput'],
}
const builds: FactTable = { rule: 'verdicts', table: 'Build', key: ['id'], values: ['verdict'] }

/** The verdicts of a job's builds, and the counts of their main binaries. */
export async function checkVerdicts(db: Reader, scope: Scope): Promise<Difference[]> {
  if (scope === 'unowned') return findUnownedOutputs(db)
  const differences: Difference[] = []
  const known = new Map<string, DefinedOutput>()
  for await (const part of eachBuildOfJob(db, scope.jobId)) {
    const hashes = [...new Set(part.flatMap(({ output }) => output?.sha256 ?? []))]
    const defined = await defineOutputs(
      db,
      hashes.filter((sha256) => !known.has(sha256)),
    )
    const found = await inSlices(
      defined.map(({ row }) => String(row.sha256)),
      parametersPerStatement,
      (sha256s) => db.output.findMany({ where: { sha256: { in: sha256s } } }),
    )
    differences.push(
      ...compareRows(
        outputs,
        defined.map(({ row }) => row),
        found,
      ),
    )
    for (const output of defined) known.set(String(output.row.sha256), output)
    const expected = part.map((build) => ({ id: build.id, verdict: verdictFrom(known, build) }))
    const stored = part.map(({ id, verdict }) => ({ id, verdict }))
    differences.push(...compareRows(builds, expected, stored))
  }
  return differences
}

/** Corrects verdicts, moves the counts of their jobs and periods, and corrects the counts of main binaries. */
export async function rebuildVerdicts(tx: Transaction, scope: Scope): Promise<number> {
  const differences = await checkVerdicts(tx, scope)
  const wrong = differences.filter(({ table }) => table === builds.table)
  const now = new Date()
  for (const [verdict, own] of groupBy(wrong, ({ expected }) => expected?.verdict as Verdict))
    for (const slice of slicesOf(own, parametersPerStatement)) {
      const ids = slice.map(({ key }) => key.id)
      await changeVerdicts(tx, sql`b.id IN (${join(ids)})`, verdict, now)
    }
  await writeExpected(
    tx,
    outputs,
    differences.filter(({ table }) => table === outputs.table),
  )
  return differences.length
}

type DefinedOutput = {
  row: FactRow
  /** The inputs that gave this main binary and another one. */
  ambiguousInputs: Set<string>
}

/** The counts of main binaries, from all builds. Raw SQL: groups of an index. */
async function defineOutputs(db: Reader, hashes: readonly string[]): Promise<DefinedOutput[]> {
  const pairs = await inSlices(hashes, parametersPerStatement, (slice) =>
    db.$queryRaw<{ sha256: string; inputId: string | null; count: bigint }[]>(
      sql`SELECT b."mainBinarySha256" AS sha256, b."inputId" AS "inputId", COUNT(*) AS count FROM "Build" b
        WHERE b."mainBinarySha256" IN (${join(slice.map(hash))}) GROUP BY b."mainBinarySha256", b."inputId"`,
    ),
  )
  const inputs = [...new Set(pairs.flatMap(({ inputId }) => inputId ?? []))]
  const ambiguous = await inSlices(inputs, parametersPerStatement, (slice) =>
    db.$queryRaw<{ inputId: string }[]>(
      sql`SELECT b."inputId" AS "inputId" FROM "Build" b
        WHERE b."inputId" IN (${join(slice.map(hash))}) AND b."mainBinarySha256" IS NOT NULL
        GROUP BY b."inputId" HAVING COUNT(DISTINCT b."mainBinarySha256") > 1`,
    ),
  )
  const isAmbiguous = new Set(ambiguous.map(({ inputId }) => inputId))
  return [...groupBy(pairs, ({ sha256 }) => sha256)].map(([sha256, own]) => {
    const known = own.flatMap(({ inputId }) => inputId ?? [])
    const ambiguousInputs = new Set(known.filter((inputId) => isAmbiguous.has(inputId)))
    const buildCount = own.reduce((sum, { count }) => sum + Number(count), 0)
    const hasOtherOutput = ambiguousInputs.size > 0
    return { row: { sha256, buildCount, inputCount: known.length, hasOtherOutput }, ambiguousInputs }
  })
}

function verdictFrom(known: Map<string, DefinedOutput>, { inputId, output }: StoredBuild): Verdict {
  if (!output) return 'NO_OUTPUT'
  const defined = known.get(output.sha256)
  if (inputId !== null && defined?.ambiguousInputs.has(inputId)) return 'NOT_REPRODUCIBLE'
  return Number(defined?.row.buildCount) > 1 ? 'REPRODUCED' : 'UNCONFIRMED'
}

const outputsAtOnce = 1_000

/** Rows of main binaries that no build has any more. Raw SQL: Prisma cannot compare hashes, nor tables without a relation. */
async function findUnownedOutputs(db: Reader): Promise<Difference[]> {
  const differences: Difference[] = []
  for (let isAfter = sql`1 = 1`; ;) {
    const page = await db.$queryRaw<{ sha256: string }[]>(
      sql`SELECT o.sha256 FROM "Output" o WHERE ${isAfter} ORDER BY o.sha256 LIMIT ${outputsAtOnce}`,
    )
    const last = page.at(-1)
    if (!last) return differences
    const found = await db.$queryRaw<FactRow[]>(sql`SELECT o.sha256 AS sha256, o."buildCount" AS "buildCount",
        o."inputCount" AS "inputCount", o."hasOtherOutput" AS "hasOtherOutput" FROM "Output" o
      WHERE ${isAfter} AND o.sha256 <= ${hash(last.sha256)}
        AND NOT EXISTS (SELECT 1 FROM "Build" b WHERE b."mainBinarySha256" = o.sha256)`)
    differences.push(...compareRows(outputs, [], found))
    isAfter = sql`o.sha256 > ${hash(last.sha256)}`
  }
}
