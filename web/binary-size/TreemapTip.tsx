import { useLayoutEffect, useRef } from 'react'
import type { NodeWords } from './size-words.ts'
import type { Box } from './treemap-layout.ts'

/** The highlighted node: under the pointer at a point of the picture, or focused by the keyboard. */
export type Pointed = { box: Box; at: { x: number; y: number } | null }

const distance = 14

/** A frame around the highlighted node, and its description. Screen readers get the description from the tree. */
export function TreemapTip(props: { pointed: Pointed; words: NodeWords; width: number; height: number }) {
  const { pointed, words, width, height } = props
  const { box, at } = pointed
  const tip = useRef<HTMLDivElement>(null)
  const anchor = at ?? { x: Math.max(0, box.x0), y: Math.min(box.y1, height) }

  // The position depends on the size of the text, so it is computed after rendering.
  useLayoutEffect(() => {
    const element = tip.current
    if (!element) return
    const { offsetWidth, offsetHeight } = element
    const x =
      anchor.x + distance + offsetWidth > width ? anchor.x - distance - offsetWidth : anchor.x + distance
    const y =
      anchor.y + distance + offsetHeight > height ? anchor.y - distance - offsetHeight : anchor.y + distance
    element.style.left = `${Math.max(8, Math.min(x, width - offsetWidth - 8))}px`
    element.style.top = `${Math.max(8, y)}px`
  })

  const [first, ...others] = words.facts
  return (
    <div aria-hidden="true">
      {at && (
        <div
          className="size-hover"
          style={{ left: box.x0, top: box.y0, width: box.x1 - box.x0 - 1, height: box.y1 - box.y0 - 1 }}
        />
      )}
      <div ref={tip} className="size-tip">
        <div>
          {words.path} <span className="text-quiet">{words.kind}</span>
        </div>
        <div className="tabular-nums">
          <strong className="font-semibold">{first}</strong>
          <span className="text-quiet">{others.map((fact) => ` · ${fact}`).join('')}</span>
        </div>
      </div>
    </div>
  )
}
