import { describeLineEnds } from '../formats/line-ends.ts'
import type { InputName } from './diff-inputs.ts'

/** An input whose bytes differ though its list of changes is empty, and how it differs, after "The input …". */
export type UnlistedChange = { input: InputName; words: string }

const otherwise: Partial<Record<InputName, string>> = {
  OPAM_SWITCH:
    ', but in no installed package and no opam file of one: in blanks, comments, the order, or lists such as the roots',
  ENVIRONMENT: ', but in no variable: in the order of its lines, empty lines or repeated names',
  SYSTEM_PACKAGES: ', but in no package: in the order of their lines, empty lines or repeated names',
}

/** How two texts, from `decodeExactly`, differ of which everything that is listed is equal. */
export function describeUnlisted(input: InputName, left: string, right: string): string {
  const [before, after] = [withoutMark(left), withoutMark(right)]
  const [differs, its] = input === 'SYSTEM_PACKAGES' ? ['differ', 'their'] : ['differs', 'its']
  if (before === after) return `${differs} only in the byte order mark at ${its} start`
  const lineEnds = describeLineEnds(left, right)
  if (lineEnds !== null) return `${differs} only in ${its} line ends: ${lineEnds}`
  return `${differs} in bytes${otherwise[input] ?? ''}`
}

/** Without the byte order mark, which some editors write in front of a text. */
export function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}
