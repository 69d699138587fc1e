import type { KeyboardEvent } from 'react'
import type { SizeNode } from './size-tree.ts'
import type { NodeWords } from './size-words.ts'
import type { WalkItem } from './treemap-walk.ts'

/**
 * The rectangles of a treemap as an ARIA tree, each at its place over the canvas. They show the focus ring, and
 * screen readers find them by touch.
 */
export function TreemapItems(props: {
  id: string
  label: string
  items: readonly WalkItem[]
  current: WalkItem | null
  describe: (node: SizeNode) => NodeWords
  onKeyDown: (event: KeyboardEvent) => void
  onFocus: (item: WalkItem) => void
  onBlur: () => void
}) {
  const { id, items, current, describe } = props
  if (items.length === 0) return null
  return (
    <div role="tree" aria-label={props.label} onKeyDown={props.onKeyDown} onBlur={props.onBlur}>
      {items.map((item) => {
        const { node, x0, y0, x1, y1 } = item.box
        const { kind, facts } = describe(node)
        return (
          <div
            key={node.id}
            id={`${id}-${node.id}`}
            role="treeitem"
            tabIndex={item === current ? 0 : -1}
            aria-level={item.level}
            aria-posinset={item.position}
            aria-setsize={node.parent?.children.length ?? 1}
            aria-expanded={item.isOpen ?? undefined}
            aria-label={[...new Set([node.kind === 'OWN' ? kind : node.name, kind]), ...facts].join(', ')}
            style={{ left: x0, top: y0, width: x1 - x0, height: y1 - y0 }}
            onFocus={() => props.onFocus(item)}
          />
        )
      })}
    </div>
  )
}
