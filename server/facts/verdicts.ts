import { verdictOf, type Verdict } from '../builds/verdict.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Transaction } from '../writer.ts'
import type { NewBuild, StoredBuild } from './build-facts.ts'
import { changeVerdicts } from './change-verdicts.ts'
import { checkVerdicts, rebuildVerdicts } from './check-verdicts.ts'
import type { FactRule } from './fact-rule.ts'

const { sql } = Prisma

/**
 * What all builds together say of each (`Build.verdict`), and the counts of each main binary (`Output`). `add` comes
 * before the build's row, which has the verdict.
 */
export type VerdictRule = Omit<FactRule, 'add'> & { add(tx: Transaction, build: NewBuild): Promise<Verdict> }

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
 * reproducible together, so one of them is enough. The verdict of a build changes at most twice: when its output
 * occurs again, and when its input produces another output.
 */
async function add(tx: Transaction, build: NewBuild): Promise<Verdict> {
  if (!build.output) return 'NO_OUTPUT'
  const { inputId, receivedAt } = build
  const { sha256 } = build.output
  const findFromInput = async (mainBinarySha256: string | { not: null }) =>
    inputId === null
      ? null
      : tx.build.findFirst({
          where: { inputId, mainBinarySha256 },
          select: { verdict: true, mainBinarySha256: true },
        })
  const twin = await findFromInput(sha256)
  const rival = twin ? null : await findFromInput({ not: null })
  const hasOtherOutput = rival !== null || twin?.verdict === 'NOT_REPRODUCIBLE'

  const newInputs = inputId !== null && twin === null ? 1 : 0
  const { buildCount } = await tx.output.upsert({
    where: { sha256 },
    create: { sha256, buildCount: 1, inputCount: newInputs, hasOtherOutput },
    update: {
      buildCount: { increment: 1 },
      inputCount: { increment: newInputs },
      ...(hasOtherOutput ? { hasOtherOutput } : {}),
    },
  })
  if (buildCount === 2) {
    // The only earlier build with this output, unless its input produced another one.
    const first = await tx.build.findFirst({
      where: { mainBinarySha256: sha256 },
      select: { id: true, verdict: true },
    })
    if (first?.verdict === 'UNCONFIRMED')
      await changeVerdicts(tx, sql`b.id = ${first.id}`, 'REPRODUCED', receivedAt)
  }
  if (rival?.mainBinarySha256 != null && rival.verdict !== 'NOT_REPRODUCIBLE') {
    // The input produced only this output so far.
    const { mainBinarySha256: other } = rival
    const builds = sql`b."inputId" = ${inputId} AND b."mainBinarySha256" = ${other}`
    await changeVerdicts(tx, builds, 'NOT_REPRODUCIBLE', receivedAt)
    await tx.output.update({
      where: { sha256: other },
      data: { hasOtherOutput: true },
      select: { sha256: true },
    })
  }
  return verdictOf({ buildCount, hasOtherOutput })
}

/**
 * The builds that remain get the verdicts that they would have without this one: the only other build with its
 * output, and all builds of its input if they have but one output now. It costs a few look-ups, and a change of all
 * builds of an input at most once for each other output that the input had.
 */
async function remove(tx: Transaction, build: StoredBuild): Promise<void> {
  if (!build.output) return
  const { id, inputId, output, verdict } = build
  const { sha256 } = output
  const now = new Date()
  const others = await tx.build.findMany({
    where: { mainBinarySha256: sha256, id: { not: id } },
    take: 2,
    select: { id: true, verdict: true },
  })
  const twin =
    inputId === null
      ? null
      : await tx.build.findFirst({
          where: { inputId, mainBinarySha256: sha256, id: { not: id } },
          select: { id: true },
        })
  const isLastOfInput = inputId !== null && twin === null
  const [other] = others
  if (!other) await tx.output.deleteMany({ where: { sha256 } })
  else {
    await tx.output.updateMany({
      where: { sha256 },
      data: {
        buildCount: { decrement: 1 },
        ...(isLastOfInput ? { inputCount: { decrement: 1 } } : {}),
        ...(isLastOfInput && verdict === 'NOT_REPRODUCIBLE'
          ? { hasOtherOutput: await hasDenied(tx, sql`b."mainBinarySha256" = ${sha256} AND b.id <> ${id}`) }
          : {}),
      },
    })
    if (others.length === 1 && other.verdict === 'REPRODUCED')
      await changeVerdicts(tx, sql`b.id = ${other.id}`, 'UNCONFIRMED', now)
  }
  if (isLastOfInput && verdict === 'NOT_REPRODUCIBLE') await settleInput(tx, inputId, id, now)
}

/** If an input has but one output left without a build, its builds are reproducible again. */
async function settleInput(
  tx: Transaction,
  inputId: string,
  without: StoredBuild['id'],
  now: Date,
): Promise<void> {
  const findEnd = (order: 'asc' | 'desc') =>
    tx.build.findFirst({
      where: { inputId, mainBinarySha256: { not: null }, id: { not: without } },
      orderBy: { mainBinarySha256: order },
      select: { mainBinarySha256: true },
    })
  const left = (await findEnd('asc'))?.mainBinarySha256 ?? null
  if (left === null || left !== (await findEnd('desc'))?.mainBinarySha256) return
  const { buildCount } = await tx.output.findUniqueOrThrow({ where: { sha256: left } })
  const builds = sql`b."inputId" = ${inputId} AND b."mainBinarySha256" = ${left}`
  await changeVerdicts(tx, builds, verdictOf({ buildCount, hasOtherOutput: false }), now)
  await tx.output.update({
    where: { sha256: left },
    data: { hasOtherOutput: await hasDenied(tx, sql`b."mainBinarySha256" = ${left}`) },
    select: { sha256: true },
  })
}

/**
 * Whether any of some builds is not reproducible. Raw SQL: the CASE makes the database use the index of the main binary,
 * not that of the verdict, which has many more builds.
 */
async function hasDenied(tx: Transaction, builds: Prisma.Sql): Promise<boolean> {
  const found = await tx.$queryRaw<unknown[]>(sql`SELECT b.id FROM "Build" b
    WHERE ${builds} AND CASE b.verdict WHEN 'NOT_REPRODUCIBLE' THEN 1 ELSE 0 END = 1 LIMIT 1`)
  return found.length > 0
}
