/**
 * What all builds together say of one: `REPRODUCED`, others gave the same main binary;
 * `NOT_REPRODUCIBLE`, others gave another from the same input; `UNCONFIRMED`, nobody repeated it;
 * `NO_OUTPUT`, it has no main binary. Source: builder-web's relations between builds.
 */
export type Verdict = 'REPRODUCED' | 'NOT_REPRODUCIBLE' | 'UNCONFIRMED' | 'NO_OUTPUT'

const verdicts: readonly string[] = ['REPRODUCED', 'NOT_REPRODUCIBLE', 'UNCONFIRMED', 'NO_OUTPUT']

function isVerdict(text: string): text is Verdict {
  return verdicts.includes(text)
}

/** A verdict from a column. Throws when it is none. */
export function toVerdict(text: string): Verdict {
  if (!isVerdict(text)) throw new Error(`not a verdict: ${text}`)
  return text
}

/**
 * What is counted of a main binary: the builds that gave it, the distinct inputs that they had, and
 * whether one of these inputs gave another output, too.
 */
export type OutputCounts = { buildCount: number; inputCount: number; hasOtherOutput: boolean }

/** The verdict on an output that some build gave. */
export function verdictOf(output: Pick<OutputCounts, 'buildCount' | 'hasOtherOutput'>): Verdict {
  if (output.hasOtherOutput) return 'NOT_REPRODUCIBLE'
  return output.buildCount > 1 ? 'REPRODUCED' : 'UNCONFIRMED'
}
