import { type RefObject, useLayoutEffect } from 'react'

/** Packages, by class. */
export type Marks = Readonly<Record<'is-lit' | 'is-brought' | 'is-found' | 'is-chosen', ReadonlySet<number>>>

/**
 * Puts classes on the nodes of packages (`data-package`), and `data-marked` on the drawing while there are
 * any. By hand: a thousand nodes that are rendered anew for each move of the pointer would not be fluid.
 */
export function useMarks(drawing: RefObject<SVGSVGElement | null>, marks: Marks, drawn: unknown): void {
  useLayoutEffect(() => {
    const svg = drawing.current
    if (!svg) return
    const all = Object.entries(marks)
    svg.toggleAttribute(
      'data-marked',
      all.some(([, packages]) => packages.size > 0),
    )
    for (const node of svg.querySelectorAll<SVGElement>('[data-package]')) {
      const index = Number(node.dataset['package'])
      for (const [name, packages] of all) node.classList.toggle(name, packages.has(index))
    }
  }, [drawing, marks, drawn])
}
