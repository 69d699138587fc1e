import { hash } from '../database/sql.ts'
import type { Transaction } from '../database/writer.ts'
import type { StoredBuild } from '../facts/build-facts.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { enqueue } from '../runner/enqueue.ts'
import { judgeTask } from './judge-task.ts'

const { sql } = Prisma

/** Outputs of an input that are judged again. */
const maxRivals = 50

/** After the removal of a build: what it was a vote for or against is judged again. */
export async function forgetJudgement(tx: Transaction, build: StoredBuild, now: Date): Promise<void> {
  if (!build.output) return
  const { sha256 } = build.output
  await tx.$executeRaw(sql`DELETE FROM "PolicyVerdict" WHERE sha256 = ${hash(sha256)}
    AND "jobId" = ${build.jobId} AND "platformId" = ${build.platformId}`)
  // Nobody else has it, so that nothing is left to be judged.
  if (build.verdict === 'UNCONFIRMED') return
  const rivals =
    build.inputId === null || build.verdict !== 'NOT_REPRODUCIBLE'
      ? []
      : await tx.build.findMany({
          where: { inputId: build.inputId, mainBinarySha256: { not: null } },
          distinct: ['mainBinarySha256'],
          take: maxRivals,
          select: { mainBinarySha256: true },
        })
  const outputs = [sha256, ...rivals.flatMap(({ mainBinarySha256 }) => mainBinarySha256 ?? [])]
  await enqueue(tx, [...new Set(outputs)].map(judgeTask), now)
}
