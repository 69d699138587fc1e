import { hash } from '../../database/sql.ts'
import type { Transaction } from '../../database/writer.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { ConsoleFailure } from './analyse-failure.ts'

/**
 * Writes what the search finds a failed build by: the reason and the lines that pages show. Replaces what an earlier analysis
 * of the console gave. Raw SQL: Prisma would look first.
 */
export async function storeExcerpt(
  tx: Transaction,
  consoleSha256: string,
  { because, excerpt, ending }: Pick<ConsoleFailure, 'because' | 'excerpt' | 'ending'>,
): Promise<void> {
  const lines = (excerpt ?? ending)?.lines ?? []
  // PostgreSQL's texts have no NUL.
  const text = lines.join('\n').replaceAll('\0', ' ')
  await tx.$executeRaw(Prisma.sql`INSERT INTO "FailureExcerpt" ("consoleSha256", reason, lines)
    VALUES (${hash(consoleSha256)}, ${because}, ${text})
    ON CONFLICT ("consoleSha256") DO UPDATE SET reason = excluded.reason, lines = excluded.lines`)
}
