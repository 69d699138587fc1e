/** A colour: 0 to 255 of the palette, or `rgbBase` plus 0xRRGGBB; null: the default one. */
export type Colour = number | null
export const rgbBase = 0x1000000

/**
 * How a character looks. `underline`: 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed. `link`: a URL, or ''.
 */
export type Style = Readonly<{
  bold: boolean
  dim: boolean
  italic: boolean
  underline: number
  inverse: boolean
  hidden: boolean
  strikethrough: boolean
  overline: boolean
  foreground: Colour
  background: Colour
  underlineColour: Colour
  link: string
}>

export const plainStyle: Style = {
  bold: false,
  dim: false,
  italic: false,
  underline: 0,
  inverse: false,
  hidden: false,
  strikethrough: false,
  overline: false,
  foreground: null,
  background: null,
  underlineColour: null,
  link: '',
}

const simple: Readonly<Record<number, Partial<Style>>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  7: { inverse: true },
  8: { hidden: true },
  9: { strikethrough: true },
  21: { underline: 2 },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: 0 },
  27: { inverse: false },
  28: { hidden: false },
  29: { strikethrough: false },
  39: { foreground: null },
  49: { background: null },
  53: { overline: true },
  55: { overline: false },
  59: { underlineColour: null },
}

const coloured = { 38: 'foreground', 48: 'background', 58: 'underlineColour' } as const

/**
 * A style after a sequence SGR with these parameters, such as `1;38:2::0:128:0`. Sub-parameters are separated by
 * colons; colours are also accepted with semicolons, as most programs write them. What is unknown is skipped.
 * Source: ECMA-48 §8.3.117, ITU-T T.416 §13.1.8.
 */
export function applyGraphics(style: Style, parameters: string): Style {
  const items = parameters.split(';')
  let next = style
  for (let at = 0; at < items.length; at++) {
    const [first = '', ...sub] = (items[at] ?? '').split(':')
    const code = Number(first)
    if (code === 38 || code === 48 || code === 58) {
      const { colour, used } =
        sub.length > 0 ? { colour: subColour(sub), used: 0 } : listColour(items, at + 1)
      at += used
      if (colour !== undefined) next = { ...next, [coloured[code]]: colour }
    } else next = applyCode(next, code, sub)
  }
  return next
}

function applyCode(style: Style, code: number, sub: readonly string[]): Style {
  if (code === 0) return style.link === '' ? plainStyle : { ...plainStyle, link: style.link }
  if (code === 4) return { ...style, underline: sub[0] === undefined ? 1 : Math.min(Number(sub[0]), 5) }
  if (code >= 30 && code <= 37) return { ...style, foreground: code - 30 }
  if (code >= 90 && code <= 97) return { ...style, foreground: code - 82 }
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 }
  if (code >= 100 && code <= 107) return { ...style, background: code - 92 }
  const change = simple[code]
  return change ? { ...style, ...change } : style
}

const byte = (text: string | undefined) => Math.min(Number(text ?? 0), 255)
const rgb = (red?: string, green?: string, blue?: string) =>
  rgbBase + byte(red) * 0x10000 + byte(green) * 0x100 + byte(blue)

/** `5:N`, `2:SPACE:R:G:B` (the colour space mostly empty), and the widespread `2:R:G:B`. */
function subColour([kind, ...values]: readonly string[]): number | undefined {
  if (kind === '5') return byte(values[0])
  if (kind !== '2') return undefined
  const [red, green, blue] = values.length > 3 ? values.slice(1) : values
  return rgb(red, green, blue)
}

/** `5;N` and `2;R;G;B`; `used` is how many parameters that are. */
function listColour(items: readonly string[], at: number): { colour: number | undefined; used: number } {
  if (items[at] === '5') return { colour: byte(items[at + 1]), used: 2 }
  if (items[at] === '2') return { colour: rgb(items[at + 1], items[at + 2], items[at + 3]), used: 4 }
  return { colour: undefined, used: 1 }
}

/** The sequences that turn one style into another; empty when they are equal. */
export function changeStyle(from: Style, to: Style): string {
  if (from === to) return ''
  const link = from.link === to.link ? '' : `\x1b]8;;${to.link}\x07`
  const [before, after] = [codesOf(from), codesOf(to)]
  if (before === after) return link
  return `\x1b[${[before === '' ? '' : '0', after].filter((part) => part !== '').join(';')}m${link}`
}

function codesOf(style: Style): string {
  const codes: string[] = []
  if (style.bold) codes.push('1')
  if (style.dim) codes.push('2')
  if (style.italic) codes.push('3')
  if (style.underline > 0) codes.push(style.underline === 1 ? '4' : `4:${style.underline}`)
  if (style.inverse) codes.push('7')
  if (style.hidden) codes.push('8')
  if (style.strikethrough) codes.push('9')
  if (style.overline) codes.push('53')
  codes.push(...colourCodes(style.foreground, 30), ...colourCodes(style.background, 40))
  if (style.underlineColour !== null) codes.push(`58${extended(style.underlineColour)}`)
  return codes.join(';')
}

function colourCodes(colour: Colour, base: 30 | 40): string[] {
  if (colour === null) return []
  if (colour < 8) return [String(base + colour)]
  if (colour < 16) return [String(base + 52 + colour)]
  return [`${base + 8}${extended(colour)}`]
}

function extended(colour: number): string {
  if (colour < rgbBase) return `:5:${colour}`
  const value = colour - rgbBase
  return `:2::${value >> 16}:${(value >> 8) & 255}:${value & 255}`
}
