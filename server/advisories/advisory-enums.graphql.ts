import { builder } from '../graphql/builder.ts'
import type { SeverityWord } from '../formats/osv/severity.ts'
import type { VexFacts } from './find-contents.ts'
import type { VexJustification, VexStatus } from './vex.ts'

export const SeverityEnum = builder.enumType('Severity', {
  description: 'How bad an issue is, in the words of CVSS.',
  values: {
    NONE: { description: 'A score of 0.' },
    LOW: { description: 'Below 4.' },
    MEDIUM: { description: 'Below 7.' },
    HIGH: { description: 'Below 9.' },
    CRITICAL: { description: '9 and more.' },
  } satisfies Record<SeverityWord, { description: string }>,
})

export const VexStatusEnum = builder.enumType('VexStatus', {
  description: 'What the operator says of an issue and builds, in the words of OpenVEX.',
  values: {
    NOT_AFFECTED: { description: 'The issue is none for these builds.' },
    AFFECTED: { description: 'The issue is one for these builds.' },
    FIXED: { description: 'These builds have a correction, whatever their versions.' },
    UNDER_INVESTIGATION: { description: 'Nobody knows yet.' },
  } satisfies Record<VexStatus, { description: string }>,
})

export const VexJustificationEnum = builder.enumType('VexJustification', {
  description: 'Why builds are not affected, in the words of OpenVEX.',
  values: {
    COMPONENT_NOT_PRESENT: { description: 'The package is not in the output.' },
    VULNERABLE_CODE_NOT_PRESENT: { description: 'The package is there, without the code in question.' },
    VULNERABLE_CODE_NOT_IN_EXECUTE_PATH: { description: 'The code is there, and never runs.' },
    VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY: {
      description: 'The code runs, and no attacker has a say in what it does.',
    },
    INLINE_MITIGATIONS_ALREADY_EXIST: { description: 'Other code protects it.' },
  } satisfies Record<VexJustification, { description: string }>,
})

export const VexType = builder.objectRef<VexFacts>('Vex').implement({
  description: 'What the operator says of an issue and builds of a job.',
  fields: (t) => ({
    status: t.field({
      type: VexStatusEnum,
      description: 'Whether the issue is one.',
      resolve: ({ status }) => status,
    }),
    justification: t.field({
      type: VexJustificationEnum,
      nullable: true,
      description: 'Why it is none.',
      resolve: ({ justification }) => justification,
    }),
    note: t.exposeString('note', { nullable: true, description: 'More, in the words of the operator.' }),
  }),
})
