import { analyseInputWith } from './analyses/analyse-input.ts'
import { kinds } from './analyses/kinds.ts'
import { diffStoredSizes, type StoredResult } from './analyses/binary-size/diff-binary-sizes.ts'
import { diffInputs, type InputContents, type InputsDiff } from './diffs/diff-inputs.ts'
import { describeSwitch, type SwitchDescription } from './formats/opam/describe-switch.ts'
import { renderMarkdown } from './jobs/render-markdown.ts'

const decoder = new TextDecoder()

/**
 * What worker processes do, by name: pure functions of what they are given, without database. Content is given as bytes, as it
 * lies in the blob store, or by its file there.
 */
export const tasks = {
  /** An analysis of some content. Throws MalformedError, and other DomainErrors. */
  analyse: analyseInputWith(kinds),

  /** A job by its `opam-switch`. Throws MalformedError, OpamLimitError. */
  describeSwitch: (opamSwitch: Uint8Array): SwitchDescription | null =>
    describeSwitch(decoder.decode(opamSwitch)),

  /** How the sizes of two binaries differ, as JSON of a BinarySizeDiff, by the stored results of the analysis. */
  diffBinarySizes: ({ left, right }: { left: StoredResult; right: StoredResult }): Uint8Array =>
    diffStoredSizes(left, right),

  /** How the inputs of two builds differ, and how many characters of JSON that is. */
  diffInputs({ left, right }: { left: InputContents; right: InputContents }): {
    diff: InputsDiff
    characters: number
  } {
    const diff = diffInputs(left, right)
    return { diff, characters: JSON.stringify(diff).length }
  },

  /** A readme as HTML that is safe to embed. */
  renderMarkdown: (markdown: Uint8Array): string => renderMarkdown(decoder.decode(markdown)),
}

export type Tasks = typeof tasks
