import { formatExactBytes } from '../ui/byte-size.ts'
import { scaleOf, type SizeFacts } from './size-scale.ts'
import { formatShare } from './size-words.ts'

/** How much of the file is explained, as a bar. The words beside it say the same. */
export function SizeScale({ facts }: { facts: SizeFacts }) {
  return (
    <div aria-hidden="true" className="size-scale">
      {scaleOf(facts).map(({ label, bytes, isExplained }) => (
        <span
          key={label}
          title={`${label}: ${formatExactBytes(bytes)}, ${formatShare(bytes, facts.fileSizeBytes)}`}
          className={isExplained ? 'size-explained' : 'size-hatched'}
          style={{ flexGrow: bytes, flexBasis: 0 }}
        />
      ))}
    </div>
  )
}
