/**
 * Verdict on a build. `REPRODUCED`: other builds produced the same main binary. `NOT_REPRODUCIBLE`: other builds
 * with the same input produced a different one. `UNCONFIRMED`: no other build has repeated it. `NO_OUTPUT`: it has
 * no main binary. Source: builder-web's relations between builds.
 */
export type Verdict = 'REPRODUCED' | 'NOT_REPRODUCIBLE' | 'UNCONFIRMED' | 'NO_OUTPUT'

const verdicts: readonly string[] = ['REPRODUCED', 'NOT_REPRODUCIBLE', 'UNCONFIRMED', 'NO_OUTPUT']

function isVerdict(text: string): text is Verdict {
  return verdicts.includes(text)
}

/** Checks the value of a column. Throws if it is not a verdict. */
export function toVerdict(text: string): Verdict {
  if (!isVerdict(text)) throw new Error(`not a verdict: ${text}`)
  return text
}

/**
 * Counts of a main binary: the builds that produced it, their distinct inputs, and whether one of these inputs also
 * produced another output.
 */
export type OutputCounts = { buildCount: number; inputCount: number; hasOtherOutput: boolean }

/** The verdict on builds with a main binary, from its counts. */
export function verdictOf(output: Pick<OutputCounts, 'buildCount' | 'hasOtherOutput'>): Verdict {
  if (output.hasOtherOutput) return 'NOT_REPRODUCIBLE'
  return output.buildCount > 1 ? 'REPRODUCED' : 'UNCONFIRMED'
}
