import { Icon } from '../ui/Icon.tsx'
import { type BuildVerdict, describeVerdict } from './verdict.ts'

/** `✓ Repeated here ×4`, `≠ Disputed` or `○ Not repeated yet`; nothing without a main binary. */
export function Verdict({ of }: { of: BuildVerdict }) {
  const look = describeVerdict(of)
  if (!look) return null
  return (
    <span className={`inline-flex items-center gap-1.5 ${look.tone}`}>
      <Icon name={look.sign} className="shrink-0" /> {look.words}
    </span>
  )
}
