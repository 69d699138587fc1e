import type { Reader } from '../database/reader.ts'
import type { VexJustification, VexStatus } from './vex.ts'

/** What was said of an advisory and of jobs. */
export type ListedVexStatement = {
  id: number
  advisoryId: string
  /** Names of jobs, in which a `*` stands for any characters. */
  jobs: string
  status: VexStatus
  justification: VexJustification | null
  note: string | null
  statedAt: Date
  /** Name of the user; null: the operator, by a command. */
  statedBy: string | null
}

/** By advisory and jobs; at most `limit`. */
export async function listVexStatements(db: Reader, limit?: number): Promise<ListedVexStatement[]> {
  const rows = await db.vexStatement.findMany({
    orderBy: [{ advisoryId: 'asc' }, { jobs: 'asc' }],
    ...(limit === undefined ? {} : { take: limit }),
  })
  // `setVex` writes no other words.
  return rows.map(({ status, justification, ...own }) => ({
    ...{ ...own, status: status as VexStatus, justification: justification as VexJustification | null },
  }))
}
