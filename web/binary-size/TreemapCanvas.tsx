import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { readTokens } from './read-tokens.ts'
import type { SizeMatches } from './size-search.ts'
import type { SizeNode } from './size-tree.ts'
import type { NodeWords } from './size-words.ts'
import type { Colours, Tokens } from './treemap-colours.ts'
import { type Box, boxAt, layoutTreemap } from './treemap-layout.ts'
import { createPainter, type PaintStyle, type TreemapPainter } from './treemap-painter.ts'
import { groupToOpen, walk, walkItems } from './treemap-walk.ts'
import { TreemapItems } from './TreemapItems.tsx'
import { type Pointed, TreemapTip } from './TreemapTip.tsx'
import { useColourScheme, useElementSize, useFontLoads, wantsStillness } from './use-canvas-surroundings.ts'

/**
 * The treemap of one group on a canvas. A canvas is not accessible: over it is a tree of its rectangles for
 * keyboards and screen readers. `describe` returns the text for a node; `note` the text beside its name.
 */
export function TreemapCanvas(props: {
  label: string
  view: SizeNode
  colourBy: (tokens: Tokens) => Colours
  note: (node: SizeNode) => string
  describe: (node: SizeNode) => NodeWords
  matches: SizeMatches | null
  onOpen: (group: SizeNode) => void
}) {
  const { view, colourBy, note, describe, matches, onOpen } = props
  const id = useId()
  const host = useRef<HTMLDivElement>(null)
  const { width, height } = useElementSize(host)
  const layout = useMemo(() => layoutTreemap(view, width, height), [view, width, height])
  const canvas = usePaintedCanvas(host, layout, { colourBy, note, matches })

  const [at, setAt] = useState<SizeNode | null>(null)
  const [pointed, setPointed] = useState<Pointed | null>(null)
  const items = walkItems(layout, at)
  const current = items.find(({ box }) => box.node === at) ?? items[0]

  // The node to focus after the next rendering; `node` null: the first part of that view.
  const wanted = useRef<{ view: SizeNode; node: SizeNode | null } | null>(null)
  useEffect(() => {
    if (wanted.current?.view !== layout.view) return
    const { node } = wanted.current
    const box = layout.boxes.find((it) => it.node === node) ?? layout.boxes[1]
    const element = box && document.getElementById(`${id}-${box.node.id}`)
    if (!element) return
    wanted.current = null
    element.focus({ preventScroll: true })
  })

  function focusOn(node: SizeNode) {
    wanted.current = { view, node }
    setAt(node)
  }

  function open(group: SizeNode, focus: SizeNode | null) {
    wanted.current = { view: group, node: focus }
    setAt(focus)
    setPointed(null)
    onOpen(group)
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || !current) return
    const { node } = current.box
    const isLeave = event.key === 'Escape' || event.key === 'Backspace'
    const goal = walk(layout, node, event.key)
    if (isLeave && view.parent) open(view.parent, view)
    else if ((event.key === 'Enter' || event.key === ' ') && node.children.length > 0) open(node, null)
    else if (goal) {
      focusOn(goal)
      const box = layout.boxes.find((it) => it.node === goal)
      if (box) setPointed({ box, at: null })
    } else if (!/^(Arrow(Up|Down|Left|Right)|Home|End)$/.test(event.key)) return
    event.preventDefault()
    event.stopPropagation()
  }

  function boxOf(event: { clientX: number; clientY: number }): { box: Box; at: Point } | null {
    const frame = host.current?.getBoundingClientRect()
    if (!frame) return null
    const point = { x: event.clientX - frame.left, y: event.clientY - frame.top }
    const box = boxAt(layout, point.x, point.y)
    return box && { box, at: point }
  }

  return (
    <div
      ref={host}
      className="size-map"
      style={{ cursor: pointed?.at && groupToOpen(layout, pointed.box) ? 'zoom-in' : undefined }}
      // The focus ring is shown only after keyboard input.
      onPointerDown={(event) => event.currentTarget.setAttribute('data-pointer', '')}
      onKeyDown={(event) => event.currentTarget.removeAttribute('data-pointer')}
      onPointerMove={(event) => {
        if (event.pointerType !== 'touch') setPointed(boxOf(event))
      }}
      onPointerLeave={() => setPointed(null)}
      onClick={(event) => {
        const found = boxOf(event)
        const group = found && groupToOpen(layout, found.box)
        if (group) open(group, null)
        else if (found && found.box.node !== view) {
          focusOn(found.box.node)
          setPointed(found)
        }
      }}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <TreemapItems
        id={id}
        label={props.label}
        items={items}
        current={current ?? null}
        describe={describe}
        onKeyDown={onKeyDown}
        onFocus={(item) => setAt(item.box.node)}
        onBlur={() => setPointed((now) => (now?.at ? now : null))}
      />
      {pointed && pointed.box.node !== view && (
        <TreemapTip pointed={pointed} words={describe(pointed.box.node)} width={width} height={height} />
      )}
    </div>
  )
}

type Point = { x: number; y: number }

/** Draws the layout when it, its colours or the theme change. A change of the view is animated. */
function usePaintedCanvas(
  host: React.RefObject<HTMLElement | null>,
  layout: ReturnType<typeof layoutTreemap>,
  {
    colourBy,
    note,
    matches,
  }: Pick<PaintStyle, 'note' | 'matches'> & { colourBy: (tokens: Tokens) => Colours },
) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const painter = useRef<TreemapPainter>(null)
  const scheme = useColourScheme()
  const fontLoads = useFontLoads()

  useEffect(() => {
    if (!canvas.current || !host.current || layout.width === 0) return
    painter.current ??= createPainter(canvas.current)
    const tokens = readTokens(host.current)
    const style = { tokens, colours: colourBy(tokens), note, matches, fontLoads }
    painter.current.show(layout, style, !wantsStillness())
  }, [host, layout, colourBy, note, matches, scheme, fontLoads])

  useEffect(
    () => () => {
      painter.current?.stop()
      painter.current = null
    },
    [],
  )
  return canvas
}
