import { toVerdict, verdictOf, type Verdict } from '../builds/verdict.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Transaction } from '../writer.ts'
import type { NewBuild } from './build-facts.ts'
import { changeInPeriods } from './job-periods.ts'

/**
 * Computes the verdict of a build that is about to be stored, and updates the verdicts of earlier builds.
 *
 * It costs a few look-ups, whatever the number of earlier builds: all builds with one input are reproducible or not
 * reproducible together, so one of them is enough. The verdict of a build changes at most twice: when its output
 * occurs again, and when its input produces another output.
 */
export async function addToVerdicts(tx: Transaction, build: NewBuild): Promise<Verdict> {
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
  if (buildCount === 2) await confirmFirst(tx, sha256, receivedAt)
  if (inputId !== null && rival?.mainBinarySha256 != null && rival.verdict !== 'NOT_REPRODUCIBLE')
    await denyInput(tx, inputId, rival.mainBinarySha256, receivedAt)
  return verdictOf({ buildCount, hasOtherOutput })
}

/** The only earlier build with this output becomes reproduced, unless its input produced another output. */
async function confirmFirst(tx: Transaction, sha256: string, verdictAt: Date): Promise<void> {
  const first = await tx.build.findFirst({
    where: { mainBinarySha256: sha256 },
    select: { id: true, jobId: true, platformId: true, startedAt: true, verdict: true },
  })
  if (first?.verdict !== 'UNCONFIRMED') return
  const { id, jobId, platformId, startedAt } = first
  await tx.build.update({ where: { id }, data: { verdict: 'REPRODUCED', verdictAt }, select: { id: true } })
  await tx.jobPlatform.update({
    where: { jobId_platformId: { jobId, platformId } },
    data: { unconfirmedCount: { decrement: 1 }, reproducedCount: { increment: 1 } },
    select: { jobId: true },
  })
  await changeInPeriods(tx, [{ jobId, platformId, startedAt, from: 'UNCONFIRMED', to: 'REPRODUCED' }])
}

/** An input that produced only `sha256` so far now produces another output: all its builds become not reproducible. */
async function denyInput(tx: Transaction, inputId: string, sha256: string, verdictAt: Date): Promise<void> {
  // Raw SQL: Prisma cannot add counts of another table to a row.
  await tx.$executeRaw(Prisma.sql`UPDATE "JobPlatform" SET
      "reproducedCount" = "reproducedCount" - c.reproduced,
      "unconfirmedCount" = "unconfirmedCount" - c.unconfirmed,
      "notReproducibleCount" = "notReproducibleCount" + c.reproduced + c.unconfirmed
    FROM (SELECT b."jobId" AS "ofJob", b."platformId" AS "onPlatform",
        SUM(CASE b.verdict WHEN 'REPRODUCED' THEN 1 ELSE 0 END) AS reproduced,
        SUM(CASE b.verdict WHEN 'UNCONFIRMED' THEN 1 ELSE 0 END) AS unconfirmed
      FROM "Build" b WHERE b."inputId" = ${inputId} AND b."mainBinarySha256" = ${sha256}
      GROUP BY b."jobId", b."platformId") c
    WHERE "jobId" = c."ofJob" AND "platformId" = c."onPlatform"`)
  const builds = { inputId, mainBinarySha256: sha256 }
  const turned = await tx.build.findMany({
    where: builds,
    select: { jobId: true, platformId: true, startedAt: true, verdict: true },
  })
  await changeInPeriods(
    tx,
    turned.map(({ verdict, ...place }) => ({ ...place, from: toVerdict(verdict), to: 'NOT_REPRODUCIBLE' })),
  )
  await tx.build.updateMany({ where: builds, data: { verdict: 'NOT_REPRODUCIBLE', verdictAt } })
  await tx.output.update({ where: { sha256 }, data: { hasOtherOutput: true }, select: { sha256: true } })
}
