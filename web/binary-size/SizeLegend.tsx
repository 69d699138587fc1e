import { Link, type To } from 'react-router'
import type { SizeNode } from './size-tree.ts'
import { hueCount, rankParts } from './treemap-colours.ts'

/** Legend of the colours of the parts of the file. Each entry opens its part. */
export function PartsLegend({ root, addressOf }: { root: SizeNode; addressOf: (group: SizeNode) => To }) {
  const ranks = rankParts(root)
  const rankOf = ({ id }: SizeNode) => ranks.get(id) ?? hueCount
  const hasUnexplained = root.children.some(({ isExplained, weight }) => !isExplained && weight > 0)
  return (
    <ul aria-label="Colours" className="mt-2 flex flex-wrap gap-x-4 gap-y-0.5 text-small text-quiet">
      {root.children
        .filter((part) => rankOf(part) < hueCount)
        .map((part) => (
          <li key={part.id} className="max-w-60 truncate">
            <Swatch token={`size-${rankOf(part) + 1}`} />{' '}
            {part.children.length > 0 ? (
              <Link to={addressOf(part)} preventScrollReset className="text-quiet">
                {part.name}
              </Link>
            ) : (
              part.name
            )}
          </li>
        ))}
      {ranks.size > hueCount && (
        <li>
          <Swatch token="size-other" /> others
        </li>
      )}
      {hasUnexplained && (
        <li>
          <span className="size-swatch size-hatched" aria-hidden="true" /> not explained by symbols
        </li>
      )}
    </ul>
  )
}

/** Legend of the colours of a comparison. */
export function ChangeLegend({ isAll }: { isAll: boolean }) {
  return (
    <ul aria-label="Colours" className="mt-2 flex flex-wrap gap-x-4 gap-y-0.5 text-small text-quiet">
      <li>
        <Swatch token="size-grew" /> + grew, the stronger the more of it is new
      </li>
      <li>
        <Swatch token="size-shrank" /> − shrank, the stronger the more of it is gone
      </li>
      {isAll && (
        <li>
          <Swatch token="size-unchanged" /> unchanged
        </li>
      )}
    </ul>
  )
}

function Swatch({ token }: { token: string }) {
  return <span aria-hidden="true" className="size-swatch" style={{ background: `var(--${token})` }} />
}
