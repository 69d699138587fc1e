import { builder } from '../graphql/builder.ts'
import { unifiedDiff, type Hunk as TextHunk, type TextDiff as Text } from './text-diff.ts'

const Hunk = builder.objectRef<TextHunk>('Hunk').implement({
  description: 'A run of changed lines, with three that did not change before and after it.',
  fields: (t) => ({
    leftStart: t.exposeInt('leftStart', { description: 'Number of its first line on the left, from 1.' }),
    leftCount: t.exposeInt('leftCount', { description: 'How many lines of the left it has.' }),
    rightStart: t.exposeInt('rightStart', { description: 'Number of its first line on the right, from 1.' }),
    rightCount: t.exposeInt('rightCount', { description: 'How many lines of the right it has.' }),
    lines: t.exposeStringList('lines', {
      description:
        'Lines of the hunk, each after a sign: a space for a line on both sides, `-` for a line on the left, `+` for a line on the right, `\\` for the remark that the line before it has no line end.',
    }),
  }),
})

export const TextDiff = builder.objectRef<Text>('TextDiff').implement({
  description: 'How two texts differ, line by line.',
  fields: (t) => ({
    removedCount: t.exposeInt('removedCount', { description: 'How many lines only the left has.' }),
    addedCount: t.exposeInt('addedCount', { description: 'How many lines only the right has.' }),
    isCut: t.exposeBoolean('isCut', {
      description: 'Whether hunks were left out because there are too many. The counts include all hunks.',
    }),
    hunks: t.field({
      type: [Hunk],
      description: 'The changes, in order; none when the texts are equal.',
      resolve: ({ hunks }) => hunks,
    }),
    lineEnds: t.exposeString('lineEnds', {
      nullable: true,
      description:
        'How the line ends changed, such as `LF → CR LF`, if nothing else changed. Null if more or nothing changed.',
    }),
    unified: t.string({
      description:
        'The same as a unified diff. Carriage returns and byte order marks stay in the lines, and a byte that is not UTF-8 is shown by its value, such as `<E9>`. Empty if the texts are equal, to the byte.',
      resolve: (diff) => unifiedDiff(diff, 'left', 'right'),
    }),
  }),
})
