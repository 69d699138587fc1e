import { type SizeNode, wayTo } from './size-tree.ts'

/** A colour as the style sheets write them; `l` and `c` from 0 to 1 and 0 to 0.4, `h` in degrees. */
export type Oklch = { readonly l: number; readonly c: number; readonly h: number }

/** Colours of binary-size.css in the current theme. */
export type Tokens = {
  readonly hues: readonly Oklch[]
  readonly other: Oklch
  readonly unexplained: Oklch
  readonly unchanged: Oklch
  readonly frame: Oklch
  readonly grew: Oklch
  readonly shrank: Oklch
  readonly isDark: boolean
}

export type Fill = { readonly colour: string; readonly isHatched: boolean }

/** Fill of a node. The fill of a group is visible as its frame and head, because its parts cover the rest. */
export type Colours = (node: SizeNode) => Fill

/** Number of hues that readers can distinguish. */
export const hueCount = 8

/**
 * Reads an sRGB colour, `#9ec6ea`: whatever a style sheet says, a build may write it otherwise, but all can
 * be drawn. Throws for another notation. Source: https://www.w3.org/TR/css-color-4/#color-conversion-code
 */
export function parseSrgb(hex: string): Oklch {
  if (!/^#[0-9a-f]{6}$/.test(hex)) throw new Error(`not an sRGB colour: ${hex}`)
  const [r, g, b] = [1, 3, 5].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255)) as Triple
  const [l, m, s] = [
    0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
    0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
    0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
  ].map(Math.cbrt) as Triple
  const lightness = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s
  const green = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s
  const yellow = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  return {
    l: lightness,
    c: Math.hypot(green, yellow),
    h: ((Math.atan2(yellow, green) * 180) / Math.PI + 360) % 360,
  }
}

type Triple = [number, number, number]

function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

export function formatOklch({ l, c, h }: Oklch): string {
  return `oklch(${l.toFixed(3)} ${c.toFixed(3)} ${h.toFixed(1)})`
}

/** The parts of the file by their ids, heaviest first. The first ones have a hue of their own. */
export function rankParts(root: SizeNode): ReadonlyMap<number, number> {
  const parts = root.children.filter(
    ({ isExplained, kind, weight }) => isExplained && kind !== 'OWN' && weight > 0,
  )
  return new Map(parts.map(({ id }, rank) => [id, rank]))
}

/** Colour of a node: the hue of its part of the file, shifted slightly by the next level; deeper nodes are lighter. */
export function colourByPart(root: SizeNode, tokens: Tokens): Colours {
  const ranks = rankParts(root)
  const fills = new Map<number, Fill>()
  // On a dark page what is nearer to the eye is lighter, on a light one it is paler: the same direction.
  const step = tokens.isDark ? 0.03 : 0.022

  function make(node: SizeNode): Fill {
    const [part, inner] = wayTo(node)
    if (!part) return { colour: formatOklch(tokens.frame), isHatched: false }
    if (!part.isExplained)
      return { colour: formatOklch(tokens.unexplained), isHatched: node.children.length === 0 }
    const rank = ranks.get(part.id) ?? 0
    const hue = tokens.hues[rank % hueCount] ?? tokens.other
    // A small shift of the hue distinguishes neighbours.
    const base = rank < hueCount ? hue : { ...hue, c: tokens.other.c, l: tokens.other.l }
    const turn = inner ? spread(inner.id) * 15 : 0
    const isGroup = node.children.length > 0
    const depth = Math.min(node.depth - 1, 3)
    const lightness = base.l + step * (depth - 1.5) + (isGroup ? -step : spread(node.id) * step)
    // Data are paler than code.
    const chroma = base.c * (node.kind === 'DATA' || node.parent?.kind === 'DATA' ? 0.55 : 1)
    return { colour: formatOklch({ l: lightness, c: chroma, h: base.h + turn }), isHatched: false }
  }
  return (node) => remember(fills, node, make)
}

/**
 * Colour of a change: growth and loss have different colours, new and removed parts are stronger, unchanged ones grey.
 */
export function colourByChange(tokens: Tokens): Colours {
  const fills = new Map<number, Fill>()
  function make(node: SizeNode): Fill {
    const { leftBytes, rightBytes } = node
    if (node.children.length > 0) {
      const l = tokens.frame.l + (tokens.isDark ? 0.025 : -0.02) * Math.min(node.depth, 3)
      return { colour: formatOklch({ ...tokens.frame, l }), isHatched: false }
    }
    if (leftBytes === rightBytes) return { colour: formatOklch(tokens.unchanged), isHatched: false }
    const tone = rightBytes > leftBytes ? tokens.grew : tokens.shrank
    const share = Math.abs(rightBytes - leftBytes) / Math.max(leftBytes, rightBytes)
    // From a third of the colour for a small change to all of it; stronger for new and removed parts.
    const strength = leftBytes === 0 || rightBytes === 0 ? 1 : 0.35 + 0.4 * Math.sqrt(share)
    return { colour: formatOklch(mix(tokens.unchanged, tone, strength)), isHatched: !node.isExplained }
  }
  return (node) => remember(fills, node, make)
}

function remember(fills: Map<number, Fill>, node: SizeNode, make: (node: SizeNode) => Fill): Fill {
  const known = fills.get(node.id)
  if (known) return known
  const fill = make(node)
  fills.set(node.id, fill)
  return fill
}

/** −1 to 1, well spread over neighbouring numbers (the golden ratio's multiples). */
function spread(id: number): number {
  return 2 * ((id * 0.6180339887498949) % 1) - 1
}

/** Mixes two colours with the hue of the second one, because a grey has no hue. */
function mix(from: Oklch, to: Oklch, share: number): Oklch {
  return { l: from.l + (to.l - from.l) * share, c: from.c + (to.c - from.c) * share, h: to.h }
}
