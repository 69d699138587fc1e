import { type ClipboardEvent, type RefObject, useEffect, useState } from 'react'
import type { ConsoleLog } from './console-log.ts'
import { copyLines, copyRows } from './copy-lines.ts'
import type { LineRange } from './line-range.ts'

const none: readonly number[] = []

function lineOf(node: Node | null): { element: HTMLElement; index: number } | null {
  const element = (node instanceof Element ? node : node?.parentElement)?.closest<HTMLElement>('.console-row')
  const index = element?.dataset['index']
  return element && index !== undefined ? { element, index: Number(index) } : null
}

/**
 * Lets a selection reach over lines that are not in the document: it tells which lines hold the
 * selection's ends, and copies what lies between from the log. Without a selection, the marked lines.
 */
export function useSelectedLines(
  scroller: RefObject<HTMLElement | null>,
  log: ConsoleLog,
  range: LineRange | null,
) {
  const [selectedEnds, setSelectedEnds] = useState(none)

  useEffect(() => {
    function onSelectionChange() {
      const selection = document.getSelection()
      const isHere = selection && !selection.isCollapsed && scroller.current?.contains(selection.anchorNode)
      const ends = isHere ? [lineOf(selection.anchorNode), lineOf(selection.focusNode)] : []
      const lines = ends.flatMap((end) => (end ? [end.index] : []))
      setSelectedEnds((before) => (String(before) === String(lines) ? before : lines))
    }
    document.addEventListener('selectionchange', onSelectionChange)
    return () => document.removeEventListener('selectionchange', onSelectionChange)
  }, [scroller])

  function onCopy(event: ClipboardEvent) {
    const selection = document.getSelection()
    const text =
      selection && !selection.isCollapsed ? selectedText(selection, log) : range && copyLines(log, range)
    if (text === null) return
    event.clipboardData.setData('text/plain', text)
    event.preventDefault()
  }

  return { selectedEnds, onCopy }
}

/** The selected text of several lines; null when the browser knows it as well as we do. */
function selectedText(selection: Selection, log: ConsoleLog): string | null {
  const selected = selection.getRangeAt(0)
  const start = lineOf(selected.startContainer)
  const end = lineOf(selected.endContainer)
  if (!start || !end || start.index === end.index) return null
  const between = copyRows(log, start.index + 1, end.index)
  return [
    textWithin(start.element, (part) => part.setStart(selected.startContainer, selected.startOffset)),
    ...(end.index - start.index > 1 ? [between] : []),
    textWithin(end.element, (part) => part.setEnd(selected.endContainer, selected.endOffset)),
  ].join('\n')
}

/** A line's text, cut at an end of the selection; that end may lie in the line's number or time. */
function textWithin(row: HTMLElement, cut: (part: Range) => void): string {
  const text = row.querySelector('.console-text')
  if (!text) return ''
  const whole = document.createRange()
  whole.selectNodeContents(text)
  const part = whole.cloneRange()
  cut(part)
  if (part.compareBoundaryPoints(Range.START_TO_START, whole) < 0) part.setStart(text, 0)
  if (part.compareBoundaryPoints(Range.END_TO_END, whole) > 0) part.setEnd(text, text.childNodes.length)
  return part.toString()
}
