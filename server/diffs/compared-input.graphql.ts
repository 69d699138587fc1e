import { builder } from '../graphql/builder.ts'
import type { MissingInput as Missing } from './diff-inputs.ts'
import type { UnlistedChange as Unlisted } from './unlisted-change.ts'

export const DiffSide = builder.enumType('DiffSide', {
  description: 'One of two builds that are compared.',
  values: {
    LEFT: { value: 'left', description: 'The first.' },
    RIGHT: { value: 'right', description: 'The second.' },
  },
})

const DiffInput = builder.enumType('DiffInput', {
  description: 'What of a build is compared by its content.',
  values: {
    OPAM_SWITCH: { description: 'The artifact `opam-switch`.' },
    DUNIVERSE: { description: 'The folders of sources that the root package of the opam switch vendors.' },
    ENVIRONMENT: { description: 'The artifact `build-environment`.' },
    SYSTEM_PACKAGES: { description: 'The artifact `system-packages`.' },
    SCRIPT: { description: 'The script that was run.' },
  },
})

export const MissingInput = builder.objectRef<Missing>('MissingInput').implement({
  description: 'Something that could not be compared, because one side lacks it or it cannot be read.',
  fields: (t) => ({
    input: t.expose('input', { type: DiffInput, description: 'What it is.' }),
    side: t.expose('side', { type: DiffSide, description: 'Whose it is.' }),
    reason: t.exposeString('reason', { description: 'Why, for people.' }),
  }),
})

export const UnlistedChange = builder.objectRef<Unlisted>('UnlistedChange').implement({
  description:
    'An input whose bytes differ on the two sides, although the lists of the comparison have no change of it.',
  fields: (t) => ({
    input: t.expose('input', { type: DiffInput, description: 'Name of the input.' }),
    description: t.string({
      description: 'How the input differs, such as `differs only in its line ends: LF → CR LF`.',
      resolve: ({ words }) => words,
    }),
  }),
})
