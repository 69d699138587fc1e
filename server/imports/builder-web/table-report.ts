import type { Refused } from '../import-report.ts'

/**
 * What became of the rows of one of builder-web's tables: how many it has, and what each is here. `removed`: it was removed
 * here before, and stays so.
 */
export type TableReport = {
  rows: number
  imported: number
  present: number
  removed: number
  refused: number
}

export const tableNames = ['user', 'access_list', 'job', 'build', 'build_artifact', 'job_tag'] as const

export type TableName = (typeof tableNames)[number]

/** `notes` are facts that differ here, and stop nothing. */
export type BuilderWebReport = {
  tables: Record<TableName, TableReport>
  refused: Refused[]
  notes: string[]
}

export const emptyBuilderWebReport = (): BuilderWebReport => {
  const empty = (): TableReport => ({ rows: 0, imported: 0, present: 0, removed: 0, refused: 0 })
  return {
    tables: {
      ...{ user: empty(), access_list: empty(), job: empty() },
      ...{ build: empty(), build_artifact: empty(), job_tag: empty() },
    },
    refused: [],
    notes: [],
  }
}

/** Counts a row that is refused, and says why. */
export function refuse(report: BuilderWebReport, table: TableName, name: string, reason: string): void {
  report.tables[table].refused += 1
  report.refused.push({ name, reason })
}
