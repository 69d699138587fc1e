import { builder } from '../graphql/builder.ts'
import type { Grade as GradeFields, GradeKind } from './grade.ts'

const Kind = builder.enumType('GradeKind', {
  description: 'How well a main binary is confirmed.',
  values: {
    DISPUTED: {
      description:
        'The same inputs gave another main binary, too: in a build here, or by a signed statement of somebody else.',
    },
    CONFIRMED: { description: 'Builders who are independent of each other got it from the same inputs.' },
    REPEATED: { description: 'Several builds have it, but no independent builders from the same inputs.' },
    NOT_REPEATED: { description: 'Only one build has it.' },
    NONE: { description: 'There is no main binary.' },
  } satisfies Record<GradeKind, unknown>,
})

export const Grade = builder.objectRef<GradeFields>('Grade').implement({
  description: 'How well a main binary is confirmed. Pages, badges, feeds and JSON use the same words.',
  fields: (t) => ({
    kind: t.expose('kind', { type: Kind, description: 'The short answer.' }),
    words: t.exposeString('words', {
      description:
        '`Disputed`, `Confirmed by 2 independent builders (robur, tarides)`, `Repeated here ×3`, `Not repeated yet` or `No output`.',
    }),
    brief: t.exposeString('brief', { description: 'The same words within a sentence.' }),
    builders: t.exposeStringList('builders', {
      description:
        'Names of the independent builders, sorted: groups of the policy of the site, or users where it has none. Empty unless `CONFIRMED`.',
    }),
    disputedBy: t.exposeStringList('disputedBy', {
      description:
        'Names of those who got another main binary, sorted: groups of the policy, or else users or keys. Empty unless `DISPUTED`, or if nobody is known.',
    }),
  }),
})
