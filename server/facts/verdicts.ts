import { hash, integer } from '../database/sql.ts'
import { verdictOf, type Verdict } from '../builds/verdict.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId } from '../ids.ts'
import type { Transaction } from '../database/writer.ts'
import type { NewBuild, StoredBuild } from './build-facts.ts'
import { changeVerdicts, type VerdictChange } from './change-verdicts.ts'
import { checkVerdicts, rebuildVerdicts } from './check-verdicts.ts'
import type { FactRule } from './fact-rule.ts'

const { sql, empty } = Prisma

/**
 * What all builds together say of each (`Build.verdict`), and the counts of each main binary (`Output`). `add` comes
 * before the build's row, which has the verdict.
 */
export type VerdictRule = Omit<FactRule, 'add'> & {
  /** Returns the verdict of the build, and the earlier builds that have another verdict because of it. */
  add(tx: Transaction, build: NewBuild): Promise<{ verdict: Verdict; changes: VerdictChange[] }>
}

export const verdicts: VerdictRule = {
  name: 'verdicts',
  add,
  remove,
  rebuild: rebuildVerdicts,
  check: checkVerdicts,
}

/**
 * Computes the verdict of a build that is about to be stored, and updates the verdicts of earlier builds.
 *
 * It costs a few look-ups, whatever the number of earlier builds: all builds with one input are reproducible or not
 * reproducible together. The verdict of a build changes at most twice: when its output occurs again, and when its input
 * produces another output.
 */
async function add(
  tx: Transaction,
  build: NewBuild,
): Promise<{ verdict: Verdict; changes: VerdictChange[] }> {
  if (!build.output) return { verdict: 'NO_OUTPUT', changes: [] }
  const { inputId, receivedAt } = build
  const { sha256 } = build.output
  const earlier = await findEarlier(tx, inputId, sha256)
  const { least, greatest } = earlier
  const hasOtherOutput = (least ?? sha256) !== sha256 || (greatest ?? sha256) !== sha256
  const newInputs = inputId !== null && earlier.twin === null ? 1 : 0
  await tx.$executeRaw(sql`INSERT INTO "Output" (sha256, "buildCount", "inputCount", "hasOtherOutput")
    VALUES (${hash(sha256)}, 1, ${integer(newInputs)}, ${hasOtherOutput ? sql`TRUE` : sql`FALSE`})
    ON CONFLICT (sha256) DO UPDATE SET "buildCount" = "Output"."buildCount" + 1,
      "inputCount" = "Output"."inputCount" + excluded."inputCount"
      ${hasOtherOutput ? sql`, "hasOtherOutput" = TRUE` : empty}`)
  const changes: VerdictChange[] = []
  if (earlier.sameCount === 1) {
    const builds = sql`b."mainBinarySha256" = ${hash(sha256)} AND ${hasVerdict('UNCONFIRMED')}`
    changes.push(...(await changeVerdicts(tx, builds, 'REPRODUCED', receivedAt)))
  }
  if (hasOtherOutput && least !== null && least === greatest) {
    // The input produced only this output so far.
    const builds = sql`b."inputId" = ${hash(inputId)} AND b."mainBinarySha256" = ${hash(least)}`
    changes.push(...(await changeVerdicts(tx, builds, 'NOT_REPRODUCIBLE', receivedAt)))
    await tx.output.updateMany({ where: { sha256: least }, data: { hasOtherOutput: true } })
  }
  return { verdict: verdictOf({ buildCount: earlier.sameCount + 1, hasOtherOutput }), changes }
}

/** What is known of earlier builds: of verdicts and counts that are being rebuilt, a new build must not take any. */
type Earlier = {
  /** A build with the same input and output. */
  twin: number | bigint | null
  /** Outputs of the same input: the first and the last by hash. */
  least: string | null
  greatest: string | null
  /** Builds with the same output; 2: or more. */
  sameCount: number
}

/** Raw SQL: one statement, each part of which is a look-up in an index. */
async function findEarlier(tx: Transaction, inputId: string | null, sha256: string): Promise<Earlier> {
  const ofInput = sql`FROM "Build" b WHERE b."inputId" = ${hash(inputId)} AND b."mainBinarySha256"`
  const end = (order: Prisma.Sql) =>
    sql`(SELECT b."mainBinarySha256" ${ofInput} IS NOT NULL ORDER BY b."mainBinarySha256" ${order} LIMIT 1)`
  const [row] = await tx.$queryRaw<
    Earlier[]
  >(sql`SELECT (SELECT b.id ${ofInput} = ${hash(sha256)} LIMIT 1) AS twin,
      ${end(sql`ASC`)} AS least, ${end(sql`DESC`)} AS greatest,
      (SELECT COUNT(*) FROM (SELECT 1 FROM "Build" b WHERE b."mainBinarySha256" = ${hash(sha256)} LIMIT 2) s) AS "sameCount"`)
  if (!row) throw new Error('a SELECT without FROM gave no row')
  return { ...row, sameCount: Number(row.sameCount) }
}

/** CASE: the database is to use the index of the main binary, not that of the verdict, which has many more builds. */
const hasVerdict = (verdict: Verdict) => sql`CASE b.verdict WHEN ${verdict} THEN 1 ELSE 0 END = 1`

/**
 * The builds that remain get the verdicts that they would have without this one: the only other build with its
 * output, and all builds of its input if they have but one output now. It costs a few look-ups, and a change of all
 * builds of an input at most once for each other output that the input had.
 */
async function remove(tx: Transaction, build: StoredBuild): Promise<void> {
  if (!build.output) return
  const { id, inputId, output } = build
  const { sha256 } = output
  const now = new Date()
  const left = await findLeft(tx, id, inputId, sha256)
  const isLastOfInput = inputId !== null && left.twin === null
  const { least, greatest } = left
  const hasRivals = isLastOfInput && least !== null && greatest !== null
  if (left.sameCount === 0) await tx.$executeRaw(sql`DELETE FROM "Output" WHERE sha256 = ${hash(sha256)}`)
  else {
    const others = sql`b."mainBinarySha256" = ${hash(sha256)} AND b.id <> ${id}`
    await tx.$executeRaw(sql`UPDATE "Output" SET "buildCount" = "buildCount" - 1
      ${isLastOfInput ? sql`, "inputCount" = "inputCount" - 1` : empty}
      ${hasRivals ? sql`, "hasOtherOutput" = ${isDenied(others)}` : empty}
      WHERE sha256 = ${hash(sha256)}`)
    if (left.sameCount === 1 && left.otherVerdict === 'REPRODUCED')
      await changeVerdicts(tx, sql`b.id = ${left.otherId}`, 'UNCONFIRMED', now)
  }
  if (inputId !== null && hasRivals && least === greatest) await settleInput(tx, inputId, least, id, now)
}

/** What is left without a build. */
type Left = Earlier & {
  /** One of the other builds with the same output: the only one if `sameCount` is 1. */
  otherId: BuildId | null
  otherVerdict: string | null
}

/** Raw SQL: one statement, each part of which is a look-up in an index. */
async function findLeft(tx: Transaction, id: BuildId, inputId: string | null, sha256: string): Promise<Left> {
  const same = sql`FROM "Build" b WHERE b."mainBinarySha256" = ${hash(sha256)} AND b.id <> ${id}`
  const ofInput = sql`FROM "Build" b WHERE b."inputId" = ${hash(inputId)} AND b.id <> ${id}
    AND b."mainBinarySha256"`
  const end = (order: Prisma.Sql) =>
    sql`(SELECT b."mainBinarySha256" ${ofInput} IS NOT NULL ORDER BY b."mainBinarySha256" ${order} LIMIT 1)`
  const [row] = await tx.$queryRaw<
    Left[]
  >(sql`SELECT (SELECT COUNT(*) FROM (SELECT 1 ${same} LIMIT 2) x) AS "sameCount",
      (SELECT b.id ${same} LIMIT 1) AS "otherId", (SELECT b.verdict ${same} LIMIT 1) AS "otherVerdict",
      (SELECT b.id ${ofInput} = ${hash(sha256)} LIMIT 1) AS twin,
      ${end(sql`ASC`)} AS least, ${end(sql`DESC`)} AS greatest`)
  if (!row) throw new Error('a SELECT without FROM gave no row')
  return { ...row, sameCount: Number(row.sameCount) }
}

/** An input has but one output left without a build: its builds are reproducible again. */
async function settleInput(
  tx: Transaction,
  inputId: string,
  sha256: string,
  without: BuildId,
  now: Date,
): Promise<void> {
  const { length: buildCount } = await tx.build.findMany({
    where: { mainBinarySha256: sha256, id: { not: without } },
    take: 2,
    select: { id: true },
  })
  const builds = sql`b."inputId" = ${hash(inputId)} AND b."mainBinarySha256" = ${hash(sha256)}`
  await changeVerdicts(tx, builds, verdictOf({ buildCount, hasOtherOutput: false }), now)
  const denied = isDenied(sql`b."mainBinarySha256" = ${hash(sha256)}`)
  await tx.$executeRaw(sql`UPDATE "Output" SET "hasOtherOutput" = ${denied} WHERE sha256 = ${hash(sha256)}`)
}

/** Whether any of some builds is not reproducible. */
const isDenied = (builds: Prisma.Sql) =>
  sql`EXISTS (SELECT 1 FROM "Build" b WHERE ${builds} AND ${hasVerdict('NOT_REPRODUCIBLE')})`
