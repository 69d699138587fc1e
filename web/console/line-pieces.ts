import LinkifyIt from 'linkify-it'
import { plainText, styledRuns } from '../../terminal/settled-text.ts'
import { rgbBase, type Style as TerminalStyle } from '../../terminal/style.ts'

/**
 * A run of characters that look the same. `colour`, `background`, `underlineColour`: CSS colours outside of the 16
 * named ones; an underline has only such. `href`: a link of the log, or an address that the text has.
 */
export type Piece = {
  text: string
  className: string
  colour: string | null
  background: string | null
  underlineColour: string | null
  href: string | null
  isMatch: boolean
}

type Style = Pick<Piece, 'className' | 'colour' | 'background' | 'underlineColour'>
type Span = { start: number; end: number }

// Schemes that are safe to open, written out: a log is full of words that look like hosts.
const linkify = new LinkifyIt({}, { fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })
for (const scheme of ['ftp:', 'mailto:', '//']) linkify.add(scheme, null)

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']

/** The class of one of the 16 named colours; null for others. */
function colourClass(colour: number): string | null {
  if (colour >= 16) return null
  return `ansi-${colour >= 8 ? 'bright-' : ''}${names[colour % 8]}`
}

/** A colour as CSS; of the palette from 16 on a 6×6×6 cube, then 24 greys. */
function cssColour(colour: number): string {
  if (colour >= rgbBase) {
    const rgb = colour - rgbBase
    return `rgb(${rgb >> 16} ${(rgb >> 8) & 255} ${rgb & 255})`
  }
  if (colour >= 232)
    return `rgb(${Array(3)
      .fill(8 + 10 * (colour - 232))
      .join(' ')})`
  const levels = [0, 95, 135, 175, 215, 255]
  const cube = colour - 16
  return `rgb(${levels[Math.floor(cube / 36)]} ${levels[Math.floor(cube / 6) % 6]} ${levels[cube % 6]})`
}

const underlines = [
  '',
  'underline',
  'underline-double',
  'underline-curly',
  'underline-dotted',
  'underline-dashed',
]

/** On a coloured background the text takes the theme's own colour: any other might not be legible. */
function styleOf(style: TerminalStyle): Style {
  const classes: string[] = []
  const add = (isSet: boolean, name: string) => isSet && classes.push(`ansi-${name}`)
  add(style.bold, 'bold')
  add(style.dim, 'dim')
  add(style.italic, 'italic')
  add(style.underline > 0, underlines[style.underline] ?? 'underline')
  add(style.hidden, 'hidden')
  add(style.strikethrough, 'strikethrough')
  add(style.overline, 'overline')
  const underlineColour = underlineColourOf(style)
  const background = style.inverse ? (style.foreground ?? 7) : style.background
  if (background !== null) {
    const name = colourClass(background)
    classes.push(name ? `${name}-bg` : 'ansi-custom-bg')
    return {
      className: classes.join(' '),
      colour: null,
      background: name ? null : cssColour(background),
      underlineColour,
    }
  }
  const { foreground } = style
  const name = foreground === null ? null : (colourClass(foreground) ?? 'ansi-custom')
  if (name) classes.push(name)
  const colour = foreground !== null && foreground >= 16 ? cssColour(foreground) : null
  return { className: classes.join(' '), colour, background: null, underlineColour }
}

function underlineColourOf({ underline, underlineColour }: TerminalStyle): string | null {
  if (underline === 0 || underlineColour === null) return null
  return underlineColour < 16 ? (names[underlineColour % 8] ?? null) : cssColour(underlineColour)
}

function findSpans(text: string, pattern: RegExp | null): Span[] {
  if (!pattern) return []
  return [...text.matchAll(pattern)].map(({ 0: found, index }) => ({
    start: index,
    end: index + found.length,
  }))
}

/**
 * Cuts a settled text into pieces at every change of style, link or match.
 * `pattern`, global, finds what is searched for; it must not match the empty text.
 */
export function linePieces(settled: string, pattern: RegExp | null): Piece[] {
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
  for (const run of styledRuns(settled)) {
    const style = styleOf(run.style)
    const own = isSafeLink.test(run.style.link) ? run.style.link : null
    const end = at + run.text.length
    let from = at
    while (from < end) {
      while (nextCut < cuts.length && (cuts[nextCut] ?? 0) <= from) nextCut++
      const to = Math.min(end, cuts[nextCut] ?? end)
      const found = links.find(({ index, lastIndex }) => index <= from && to <= lastIndex)
      const isMatch = matches.some((match) => match.start <= from && to <= match.end)
      pieces.push({ ...style, text: text.slice(from, to), href: own ?? found?.url ?? null, isMatch })
      from = to
    }
    at = end
  }
  return pieces
}

/** Of the links that a log has: no page opens another program, or a file. */
const isSafeLink = /^https?:\/\//i

/** The pattern for a search text: regardless of case, and literal. Null for the empty text. */
export function searchPattern(text: string): RegExp | null {
  return text === '' ? null : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi')
}
