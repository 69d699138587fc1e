import { DiffSection } from './DiffSection.tsx'
import type { PartProps } from './part-props.ts'
import { hasChangedLine, type TextDiffOf, TextDiffView } from './TextDiffView.tsx'

/** The scripts that the workers ran. */
export function ScriptPart({ script, counts, ...part }: PartProps & { script: TextDiffOf | null }) {
  const passes = script !== null && (part.filter.isEmpty || hasChangedLine(script, part.filter.matches))
  return (
    <DiffSection
      {...part}
      id="script"
      total={counts.scriptLines}
      passing={passes ? counts.scriptLines : 0}
      words={counts.scriptLines === 1 ? 'line changed' : 'lines changed'}
    >
      {script && <TextDiffView diff={script} label="Build script" path="script" view={part.view} />}
    </DiffSection>
  )
}
