import { type Point, type RadialLayout, shorten } from './radial-layout.ts'
import { type Place, pointAt } from './walk.ts'

/** A name beside its node. The offset is in pixels of the screen, from the middle of the node. */
export type PlacedName = Place &
  Point & { index: number; text: string; dx: number; dy: number; anchor: 'start' | 'middle' | 'end' }

type Box = { left: number; top: number; right: number; bottom: number }

/** Of a letter, on average: the font is known only once it is drawn. */
const letterWidth = 6.6
const nameHeight = 14
/** Distance beyond which a direct dependency gets a second name. */
const farAway = 160

/**
 * How many times the distances have grown; names stay as they are, and nodes grow by the root of it. In
 * steps, as to find room for a thousand names takes some ms.
 */
export function growthStep(growth: number): number {
  return 2 ** (Math.floor(4 * Math.log2(growth) + 1e-9) / 4)
}

/**
 * The names that cover neither each other nor a node when distances have grown by `growth` or a little more,
 * up to the next step. What comes first in its fan, comes first. `withLabels`: the names of direct
 * dependencies are drawn around the circle.
 */
export function namesWithRoom(
  layout: RadialLayout,
  names: readonly string[],
  growth: number,
  withLabels: boolean,
): PlacedName[] {
  const taken = takenSpace()
  const grown = ({ x, y }: Point): Point => ({ x: x * growth, y: y * growth })
  const radiusOf = (radius: number) => radius * Math.sqrt(growth * 2 ** 0.25) + 1

  taken.add(around({ x: 0, y: 0 }, radiusOf(layout.rootRadius)))
  const rootWidth = shorten(names[0] ?? '').length * letterWidth
  taken.add(boxOf({ x: -rootWidth / 2, y: radiusOf(layout.rootRadius) + nameHeight / 2 }, rootWidth))
  for (const petal of layout.petals) {
    taken.add(around(grown(petal), radiusOf(petal.radius)))
    for (const dot of petal.dots) taken.add(around(grown(dot), radiusOf(dotRadius(dot))))
    if (withLabels) for (const part of partsOfLabel(grown(petal.label), petal)) taken.add(part)
  }

  const placed: PlacedName[] = []
  const place = (at: Place, index: number, radius: number) => {
    const { x, y } = pointAt(layout, at)
    const text = shorten(names[index] ?? '')
    const width = text.length * letterWidth
    const middle = grown({ x, y })
    for (const offset of offsetsFor(radiusOf(radius))) {
      const start = { start: 0, middle: -width / 2, end: -width }[offset.anchor]
      const box = boxOf({ x: middle.x + offset.dx + start, y: middle.y + offset.dy }, width)
      if (!taken.isFree(box)) continue
      taken.add(box)
      placed.push({ ...at, ...offset, x, y, index, text })
      return
    }
  }
  layout.petals.forEach((one, petal) => {
    const distance = Math.hypot(one.label.x - one.x, one.label.y - one.y) * growth
    if (!withLabels || distance > farAway) place({ petal, dot: -1 }, one.index, one.radius)
  })
  const longest = Math.max(0, ...layout.petals.map(({ dots }) => dots.length))
  for (let dot = 0; dot < longest; dot += 1)
    layout.petals.forEach(({ dots }, petal) => {
      const found = dots[dot]
      if (found) place({ petal, dot }, found.index, dotRadius(found))
    })
  return placed
}

export function dotRadius({ isDeeper }: { isDeeper: boolean }): number {
  return isDeeper ? 3.5 : 4.5
}

function offsetsFor(radius: number): Pick<PlacedName, 'dx' | 'dy' | 'anchor'>[] {
  const away = radius + nameHeight / 2
  return [
    { dx: 0, dy: away, anchor: 'middle' },
    { dx: 0, dy: -away, anchor: 'middle' },
    { dx: radius + 2, dy: 0, anchor: 'start' },
    { dx: -radius - 2, dy: 0, anchor: 'end' },
  ]
}

function around({ x, y }: Point, radius: number): Box {
  return { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius }
}

/** Of a line that begins at `x` and has `y` in its middle. */
function boxOf({ x, y }: Point, width: number): Box {
  return { left: x, top: y - nameHeight / 2, right: x + width, bottom: y + nameHeight / 2 }
}

/** A name that stands askew, as squares along it. */
function partsOfLabel({ x, y }: Point, { angle, label }: { angle: number; label: { text: string } }): Box[] {
  const length = label.text.length * letterWidth
  const count = Math.ceil(length / nameHeight)
  return Array.from({ length: count }, (_, n) => {
    const distance = ((n + 0.5) / count) * length
    return around({ x: x + Math.sin(angle) * distance, y: y - Math.cos(angle) * distance }, nameHeight / 2)
  })
}

const cell = 32

/** Boxes by the cells of a grid, so that a new one is held against its neighbours only. */
function takenSpace() {
  const cells = new Map<string, Box[]>()
  const cellsOf = ({ left, top, right, bottom }: Box) => {
    const keys: string[] = []
    for (let x = Math.floor(left / cell); x * cell < right; x += 1)
      for (let y = Math.floor(top / cell); y * cell < bottom; y += 1) keys.push(`${x} ${y}`)
    return keys
  }
  return {
    add(box: Box) {
      for (const key of cellsOf(box)) {
        const own = cells.get(key)
        if (own) own.push(box)
        else cells.set(key, [box])
      }
    },
    isFree: (box: Box) =>
      !cellsOf(box).some((key) =>
        cells
          .get(key)
          ?.some(
            (other) =>
              other.left < box.right &&
              box.left < other.right &&
              other.top < box.bottom &&
              box.top < other.bottom,
          ),
      ),
  }
}
