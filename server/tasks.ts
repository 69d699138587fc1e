import { analyseInputWith } from './analyses/analyse-input.ts'
import { kinds } from './analyses/kinds.ts'
import { diffStoredSizes, type StoredResult } from './analyses/binary-size/diff-binary-sizes.ts'
import { diffInputs, type InputContents, type InputsDiff } from './diffs/diff-inputs.ts'
import { describeSwitch, type SwitchDescription } from './formats/opam/describe-switch.ts'
import { renderMarkdown } from './jobs/render-markdown.ts'

const decoder = new TextDecoder()

/**
 * The tasks of worker processes, by name. They are pure functions of their input and do not use the database.
 * Content is passed as bytes, or as the path of its file in the blob store.
 */
export const tasks = {
  /** Analyse a content. Throws MalformedError and other DomainErrors. */
  analyse: analyseInputWith(kinds),

  /** Section, synopsis and description of a job from its `opam-switch`. Throws MalformedError, OpamLimitError. */
  describeSwitch: (opamSwitch: Uint8Array): SwitchDescription | null =>
    describeSwitch(decoder.decode(opamSwitch)),

  /** Compare two stored results of the BINARY_SIZE analysis. Returns a BinarySizeDiff as JSON. */
  diffBinarySizes: ({ left, right }: { left: StoredResult; right: StoredResult }): Uint8Array =>
    diffStoredSizes(left, right),

  /** Compare the inputs of two builds. Also returns the size of the result in characters of JSON. */
  diffInputs({ left, right }: { left: InputContents; right: InputContents }): {
    diff: InputsDiff
    characters: number
  } {
    const diff = diffInputs(left, right)
    return { diff, characters: JSON.stringify(diff).length }
  },

  /** Convert a readme to HTML that is safe to embed. */
  renderMarkdown: (markdown: Uint8Array): string => renderMarkdown(decoder.decode(markdown)),
}

export type Tasks = typeof tasks
