import type { VexJustification, VexStatus } from '../gql/graphql.ts'

const statuses: Record<VexStatus, string> = {
  NOT_AFFECTED: 'The operator says: not affected',
  AFFECTED: 'The operator says: affected',
  FIXED: 'The operator says: fixed in this build',
  UNDER_INVESTIGATION: 'The operator looks into it',
}

const justifications: Record<VexJustification, string> = {
  COMPONENT_NOT_PRESENT: 'the package is not in the output',
  VULNERABLE_CODE_NOT_PRESENT: 'the code is not in the package',
  VULNERABLE_CODE_NOT_IN_EXECUTE_PATH: 'the code never runs',
  VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY: 'no attacker has a say in what the code does',
  INLINE_MITIGATIONS_ALREADY_EXIST: 'other code protects it',
}

/** What the operator says of an issue, as a sentence. */
export function vexWords({
  status,
  justification,
  note,
}: {
  status: VexStatus
  justification: VexJustification | null
  note: string | null
}): string {
  const why = justification === null ? '' : `, ${justifications[justification]}`
  return `${statuses[status]}${why}${note ? `. ${note}` : ''}`
}
