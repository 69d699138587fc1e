import { formatExactBytes } from '../ui/byte-size.ts'
import { scaleOf, type SizeFacts } from './size-scale.ts'
import { formatShare } from './size-words.ts'

/** A bar that shows which part of the file symbols explain. The text beside it has the same numbers. */
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
