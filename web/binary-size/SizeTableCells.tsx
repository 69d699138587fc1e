import { Link, type To } from 'react-router'
import { formatExactDelta, formatSizeDelta } from '../ui/signed.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { Icon } from '../ui/Icon.tsx'
import { describePath } from './node-path.ts'
import { nameOf } from './paint-treemap.ts'
import type { SizeRow } from './size-rows.ts'
import type { SizeNode } from './size-tree.ts'
import { formatShare, kindWords } from './size-words.ts'

/** `isFound`: the row is a search result; as the list of results is not a tree, the row shows its path. */
export function NameCell(props: {
  row: SizeRow
  isFound: boolean
  addressOf: (group: SizeNode) => To
  onToggle: () => void
}) {
  const { row, isFound } = props
  const { node, level, isOpen } = row
  const name = isFound ? describePath(node) : nameOf(node)
  return (
    <div
      role="gridcell"
      className="flex min-w-0 items-center gap-1"
      style={{ paddingLeft: `${Math.min(level - 1, 12) * 1.125}rem` }}
    >
      {isOpen === null ? (
        <span className="w-5 shrink-0" />
      ) : (
        // Hidden from assistive technology: the row has the expanded state and handles the arrow keys.
        <button
          type="button"
          tabIndex={-1}
          aria-hidden="true"
          className="icon-button size-5 shrink-0"
          onClick={props.onToggle}
        >
          <Icon name="forward" className={isOpen ? 'rotate-90' : ''} />
        </button>
      )}
      {node.children.length > 0 ? (
        <Link to={props.addressOf(node)} preventScrollReset className="truncate" title={name}>
          {name}
        </Link>
      ) : (
        <span className="truncate" title={name}>
          {name}
        </span>
      )}
      <span className="shrink-0 text-small text-quiet narrow:sr-only">{kindWords[node.kind]}</span>
    </div>
  )
}

/** Cells of a row for one build. */
export function SizeCells({ root, node }: { root: SizeNode; node: SizeNode }) {
  return (
    <>
      <div role="gridcell" className="text-right">
        <ByteSize bytes={node.rightBytes} />
      </div>
      <div role="gridcell" className="text-right text-quiet tabular-nums">
        {formatShare(node.rightBytes, root.rightBytes)}
      </div>
    </>
  )
}

/** Cells of a row for two builds. */
export function ChangeCells({ node: { leftBytes, rightBytes } }: { node: SizeNode }) {
  const delta = rightBytes - leftBytes
  return (
    <>
      {[leftBytes, rightBytes].map((bytes, index) => (
        <div key={index} role="gridcell" className="text-right text-quiet">
          {bytes === 0 ? '∅' : <ByteSize bytes={bytes} />}
        </div>
      ))}
      <div role="gridcell" className="text-right tabular-nums" title={formatExactDelta(delta)}>
        {formatSizeDelta(delta)}
      </div>
    </>
  )
}
