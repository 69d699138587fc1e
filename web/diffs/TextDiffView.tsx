import { memo, useMemo, useState } from 'react'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { markWords } from './changed-words.ts'
import { ChangedText } from './ChangedText.tsx'
import {
  type DiffLine,
  formatHunkHead,
  formatUnified,
  type Hunk,
  numberLines,
  pairLines,
} from './diff-lines.ts'
import { countOf } from '../ui/signed.ts'
import type { DiffView } from './use-diff-view.ts'

const TextDiffViewFragment = graphql(`
  fragment TextDiffView on TextDiff {
    addedCount
    removedCount
    isCut
    lineEnds
    hunks {
      leftStart
      leftCount
      rightStart
      rightCount
      lines
    }
  }
`)

export type TextDiffOf = FragmentType<typeof TextDiffViewFragment>

export function readTextDiff(diff: TextDiffOf) {
  return readFragment(TextDiffViewFragment, diff)
}

/** Whether a line that changed passes a filter. */
export function hasChangedLine(diff: TextDiffOf, passes: (text: string) => boolean): boolean {
  return readTextDiff(diff).hunks.some(({ lines }) =>
    lines.some((line) => /^[-+]/.test(line) && passes(line.slice(1))),
  )
}

/** More lines at once would keep the page from answering. */
const maxLines = 1_000

/** How two texts differ. `path`: what the copied diff calls both sides. */
export function TextDiffView(props: { diff: TextDiffOf; label: string; path: string; view: DiffView }) {
  const { label, path, view } = props
  const { hunks, addedCount, removedCount, isCut, lineEnds } = readTextDiff(props.diff)
  const [isWhole, setIsWhole] = useState(false)
  const lineCount = hunks.reduce((sum, { lines }) => sum + lines.length, 0)
  const shown = isWhole ? hunks : firstLines(hunks, maxLines)
  return (
    <div className="diff rounded-md border border-line">
      <div className="flex items-center gap-3 border-b border-line py-0.5 pr-1 pl-3 text-small">
        <span className="diff-added-count">+{addedCount.toLocaleString('en-US')}</span>
        <span className="diff-removed-count">−{removedCount.toLocaleString('en-US')}</span>
        <span className="ml-auto" />
        <CopyButton
          text={() => formatUnified(hunks, `left/${path}`, `right/${path}`)}
          what={`${label} as unified diff`}
        />
      </div>
      {lineEnds != null && (
        <p className="border-b border-line px-3 py-1">The lines differ only in how they end: {lineEnds}.</p>
      )}
      <div role="region" aria-label={label} tabIndex={0} className="diff-text" data-view={view}>
        <div className="diff-width">
          {shown.map((hunk) => (
            <HunkView key={`${hunk.leftStart} ${hunk.rightStart}`} hunk={hunk} view={view} />
          ))}
        </div>
      </div>
      {lineCount > maxLines && !isWhole && (
        <p className="border-t border-line p-2">
          <button type="button" className="control" onClick={() => setIsWhole(true)}>
            Show {countOf(lineCount - maxLines, 'more line')}
          </button>
        </p>
      )}
      {isCut && (
        <p className="border-t border-line px-3 py-2 text-warn">
          Too much differs to show all of it: this is the beginning. The numbers above count everything.
        </p>
      )}
    </div>
  )
}

/** The hunks that begin within so many lines; the last one is cut. */
function firstLines(hunks: readonly Hunk[], count: number): Hunk[] {
  let left = count
  const shown: Hunk[] = []
  for (const hunk of hunks) {
    if (left <= 0) break
    shown.push(hunk.lines.length > left ? { ...hunk, lines: hunk.lines.slice(0, left) } : hunk)
    left -= hunk.lines.length
  }
  return shown
}

const HunkView = memo(function HunkView({ hunk, view }: { hunk: Hunk; view: DiffView }) {
  const lines = useMemo(() => numberLines(hunk), [hunk])
  const pairs = useMemo(() => pairLines(lines), [lines])
  const words = useMemo(() => markWords(pairs), [pairs])
  return (
    <div className="diff-hunk">
      <div className="diff-head">{formatHunkHead(hunk)}</div>
      {view === 'unified'
        ? lines.map((line, index) => (
            <div key={index} className="diff-row">
              <Number value={line.left} />
              <Number value={line.right} />
              <Line line={line} pieces={words.get(line)} />
            </div>
          ))
        : pairs.map(({ left, right }, index) => (
            <div key={index} className="diff-row">
              <Half line={left} number={left?.left} words={words} />
              <Half line={right} number={right?.right} words={words} />
            </div>
          ))}
    </div>
  )
})

type Words = ReturnType<typeof markWords>

function Half(props: { line: DiffLine | null; number: number | null | undefined; words: Words }) {
  const { line, number, words } = props
  if (!line) return <div className="diff-half diff-nothing" />
  return (
    <div className="diff-half">
      <Number value={number ?? null} />
      <Line line={line} pieces={words.get(line)} />
    </div>
  )
}

/** Drawn by the style sheet, numbers are never part of what is selected. */
function Number({ value }: { value: number | null }) {
  return <span className="diff-number" data-number={value ?? ''} />
}

const elements = { '-': 'del', '+': 'ins', ' ': 'span', '\\': 'span' } as const
const signs = { '-': '−', '+': '+', ' ': ' ', '\\': ' ' } as const

function Line({ line, pieces }: { line: DiffLine; pieces: ReturnType<Words['get']> }) {
  const Element = elements[line.sign]
  return (
    <Element className={`diff-line ${line.sign === '\\' ? 'diff-remark' : ''}`} data-sign={signs[line.sign]}>
      {line.text === '' ? '\n' : <ChangedText text={line.text} pieces={pieces} />}
    </Element>
  )
}
