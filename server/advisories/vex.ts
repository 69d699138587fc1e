/** What can be said of an advisory and builds. Source: OpenVEX 0.2.0. */
export const vexStatuses = ['NOT_AFFECTED', 'AFFECTED', 'FIXED', 'UNDER_INVESTIGATION'] as const
export type VexStatus = (typeof vexStatuses)[number]

/** Why builds are not affected. */
export const vexJustifications = [
  'COMPONENT_NOT_PRESENT',
  'VULNERABLE_CODE_NOT_PRESENT',
  'VULNERABLE_CODE_NOT_IN_EXECUTE_PATH',
  'VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY',
  'INLINE_MITIGATIONS_ALREADY_EXIST',
] as const
export type VexJustification = (typeof vexJustifications)[number]
