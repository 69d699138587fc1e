import Anser from 'anser'
import LinkifyIt from 'linkify-it'
import { plainText } from './console-text.ts'

/** A run of characters that look the same. `colour`, `background`: CSS colours outside of the 16 named ones. */
export type Piece = {
  text: string
  className: string
  colour: string | null
  background: string | null
  href: string | null
  isMatch: boolean
}

type Style = Pick<Piece, 'className' | 'colour' | 'background'>
type Span = { start: number; end: number }

const plain: Style = { className: '', colour: null, background: null }

// Schemes that are safe to open, written out: a log is full of words that look like hosts.
const linkify = new LinkifyIt({}, { fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })
for (const scheme of ['ftp:', 'mailto:', '//']) linkify.add(scheme, null)

/** The colour of an entry of the 256-colour palette from 16 on: a 6×6×6 cube, then 24 greys. */
function paletteColour(index: number): string {
  if (index >= 232)
    return `rgb(${Array(3)
      .fill(8 + 10 * (index - 232))
      .join(' ')})`
  const levels = [0, 95, 135, 175, 215, 255]
  const cube = index - 16
  return `rgb(${levels[Math.floor(cube / 36)]} ${levels[Math.floor(cube / 6) % 6]} ${levels[cube % 6]})`
}

function customColour(name: string | null, truecolour: string | null): string | null {
  if (name === 'ansi-truecolor' && truecolour) return `rgb(${truecolour.replaceAll(',', '')})`
  const index = /^ansi-palette-(\d+)$/.exec(name ?? '')?.[1]
  return index === undefined ? null : paletteColour(Number(index))
}

/** On a coloured background the text takes the theme's own colour: any other might not be legible. */
function styleOf({ fg, bg, fg_truecolor, bg_truecolor, decorations }: Anser.AnserJsonEntry): Style {
  const classes = decorations.map((name) => `ansi-${name}`)
  if (bg) {
    const background = customColour(bg, bg_truecolor)
    classes.push(background ? 'ansi-custom-bg' : `${bg}-bg`)
    return { className: classes.join(' '), colour: null, background }
  }
  const colour = customColour(fg, fg_truecolor)
  if (fg) classes.push(colour ? 'ansi-custom' : fg)
  return { className: classes.join(' '), colour, background: null }
}

/** The runs of equal style in a settled line; `carry`: the sequences in force at its beginning. */
function styleRuns(settled: string, carry: string): { text: string; style: Style }[] {
  if (!carry && !settled.includes('\x1b')) return [{ text: settled, style: plain }]
  const anser = new Anser()
  return (
    (carry + settled)
      // One sequence at a time: Anser changes what it gave for the sequences before.
      .split(/(?=\x1b\[)/)
      .flatMap((chunk) =>
        anser.ansiToJson(chunk, { json: true, use_classes: true, remove_empty: true }).map((entry) => ({
          text: entry.content,
          style: styleOf(entry),
        })),
      )
  )
}

function findSpans(text: string, pattern: RegExp | null): Span[] {
  if (!pattern) return []
  return [...text.matchAll(pattern)].map(({ 0: found, index }) => ({
    start: index,
    end: index + found.length,
  }))
}

/**
 * Cuts a settled line into pieces at every change of style, link or match. `pattern`, global, finds
 * what is searched for; it must not match the empty text.
 */
export function linePieces(settled: string, carry: string, pattern: RegExp | null): Piece[] {
  const text = plainText(settled)
  const links = text.includes('://') ? (linkify.match(text) ?? []) : []
  const matches = findSpans(text, pattern)
  const cuts = [
    ...links.flatMap(({ index, lastIndex }) => [index, lastIndex]),
    ...matches.flatMap(({ start, end }) => [start, end]),
  ]
  cuts.sort((a, b) => a - b)

  const pieces: Piece[] = []
  let at = 0
  let nextCut = 0
  for (const run of styleRuns(settled, carry)) {
    const end = at + run.text.length
    let from = at
    while (from < end) {
      while (nextCut < cuts.length && (cuts[nextCut] ?? 0) <= from) nextCut++
      const to = Math.min(end, cuts[nextCut] ?? end)
      const link = links.find(({ index, lastIndex }) => index <= from && to <= lastIndex)
      const isMatch = matches.some((match) => match.start <= from && to <= match.end)
      pieces.push({ ...run.style, text: text.slice(from, to), href: link?.url ?? null, isMatch })
      from = to
    }
    at = end
  }
  return pieces
}

/** The pattern for a search text: regardless of case, and literal. Null for the empty text. */
export function searchPattern(text: string): RegExp | null {
  return text === '' ? null : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi')
}
