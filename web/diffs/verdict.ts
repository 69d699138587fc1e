import { formatSizeDelta } from '../ui/signed.ts'

/** What the verdict on a comparison follows from. */
export type ComparedFacts = {
  output: 'SAME' | 'CHANGED' | 'ONLY_LEFT' | 'ONLY_RIGHT' | 'NONE'
  /** Both sides are the same build. */
  isSameBuild: boolean
  isSameJob: boolean
  /** Both recorded the same inputs, by their input ids. */
  isSameInput: boolean
  isSamePlatform: boolean
  /** Something that was compared besides the outputs differs: packages, environment, system, script. */
  hasChangedInput: boolean
  /** Lines of the build script that differ; no part of the input id. */
  scriptLines: number
  /** Something could not be compared. */
  isPartial: boolean
  sizeDelta: number | null
}

/** `alarm`: an output that nothing explains. */
export type ComparisonVerdict = { tone: 'good' | 'neutral' | 'alarm'; title: string; meaning: string }

/** The answer before the data: what became of the output, and what that means. */
export function verdictOfComparison(facts: ComparedFacts): ComparisonVerdict {
  if (facts.isSameBuild)
    return {
      tone: 'neutral',
      title: 'One build, compared with itself',
      meaning: 'Nothing can differ. Pick another build for one of the sides.',
    }
  switch (facts.output) {
    case 'SAME':
      return { tone: 'good', ...verdictOfSameOutput(facts) }
    case 'CHANGED':
      return verdictOfChangedOutput(facts)
    case 'ONLY_LEFT':
      return {
        tone: 'neutral',
        title: 'Only the left build has a main binary',
        meaning: 'The right one made none, so there are no outputs to compare.',
      }
    case 'ONLY_RIGHT':
      return {
        tone: 'neutral',
        title: 'Only the right build has a main binary',
        meaning: 'The left one made none, so there are no outputs to compare.',
      }
    case 'NONE':
      return {
        tone: 'neutral',
        title: 'Neither build has a main binary',
        meaning: 'Only what went into them can be compared.',
      }
  }
}

function verdictOfSameOutput({ isSameInput, isSamePlatform, hasChangedInput, isPartial }: ComparedFacts) {
  if (hasChangedInput || !isSamePlatform)
    return {
      title: 'Same output from different inputs',
      meaning: isSamePlatform
        ? 'Repeated: what changed left no trace in the main binary.'
        : 'Repeated on another platform: what changed left no trace in the main binary.',
    }
  if (isPartial && !isSameInput)
    return {
      title: 'Same output',
      meaning: 'Repeated, though not everything that went into the builds could be compared.',
    }
  if (!isSameInput)
    return {
      title: 'Same output from inputs that are written otherwise',
      meaning:
        'Repeated: the recorded inputs differ in bytes, but in no package, variable or line that is compared.',
    }
  return {
    title: 'Nothing changed: repeated',
    meaning: 'Both builds made the same main binary, byte for byte, from the same inputs.',
  }
}

function verdictOfChangedOutput(facts: ComparedFacts): ComparisonVerdict {
  const { isSameJob, isSameInput, isSamePlatform, hasChangedInput, isPartial, scriptLines, sizeDelta } = facts
  if (isSameInput) {
    const excuses = [...(scriptLines > 0 ? ['scripts'] : []), ...(isSamePlatform ? [] : ['platforms'])].join(
      ' and ',
    )
    const though = excuses === '' ? '' : `, though their ${excuses} differ`
    return {
      tone: 'alarm',
      title: `Not reproducible: same input, another output${though}`,
      meaning: `Packages, environment and system packages are the same, ${
        excuses === ''
          ? 'and yet the main binaries differ.'
          : `but the ${excuses} are no part of the input: look there first.`
      }`,
    }
  }
  const delta = sizeDelta === null ? '' : `: ${formatSizeDelta(sizeDelta)}`
  const title = `${isSameJob ? 'Output changed' : 'The outputs differ'}${delta}`
  if (hasChangedInput || !isSamePlatform)
    return {
      tone: 'neutral',
      title,
      meaning: isPartial ? 'Not everything that went into the builds could be compared.' : '',
    }
  if (isPartial)
    return {
      tone: 'neutral',
      title,
      meaning:
        'Nothing that could be compared explains it: the reason lies in the rest, or in something that is not recorded.',
    }
  return {
    tone: 'alarm',
    title: 'Unexplained: the output changed, and nothing that is recorded says why',
    meaning:
      'The recorded inputs differ only in how they are written, or in what should not affect a build, and yet the main binaries differ.',
  }
}
