import { Icon } from '../ui/Icon.tsx'
import { type BuildVerdict, describeVerdict } from './verdict.ts'

/** `✓ reproduced ×4`, `≠ not reproducible` or `○ not confirmed`; nothing without a main binary. */
export function Verdict({ of }: { of: BuildVerdict }) {
  const look = describeVerdict(of)
  if (!look) return null
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${look.tone}`}>
      <Icon name={look.sign} /> {look.words}
    </span>
  )
}
