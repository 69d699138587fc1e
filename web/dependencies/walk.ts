import type { Point, RadialLayout } from './radial-layout.ts'

/** A node of the picture: the root (`petal` -1), a direct dependency (`dot` -1), or a package in its fan. */
export type Place = { petal: number; dot: number }

export const rootPlace: Place = { petal: -1, dot: -1 }

/** The package at a place. */
export function packageAt({ petals }: RadialLayout, { petal, dot }: Place): number {
  const found = petals[petal]
  return found?.dots[dot]?.index ?? found?.index ?? 0
}

/** Where a place is drawn. */
export function pointAt({ petals }: RadialLayout, { petal, dot }: Place): Point {
  const found = petals[petal]
  return found?.dots[dot] ?? found ?? { x: 0, y: 0 }
}

/** All places of a package, the one on the way `path` to it first. */
export function placesOf(layout: RadialLayout, path: readonly number[]): Place[] {
  const index = path.at(-1)
  const best = placeOf(layout, path)
  const others = layout.petals.flatMap((one, petal) => [
    ...(one.index === index ? [{ petal, dot: -1 }] : []),
    ...one.dots.flatMap((found, dot) => (found.index === index ? [{ petal, dot }] : [])),
  ])
  return best ? [best, ...others] : others
}

/** Where a package is shown best: as the root, as a direct dependency, or in the fan on the way `path` to it. */
export function placeOf({ petals }: RadialLayout, path: readonly number[]): Place | null {
  const index = path.at(-1) ?? -1
  if (index === 0) return rootPlace
  const petal = petals.findIndex((one) => one.index === path[1])
  if (petals[petal]?.index === index) return { petal, dot: -1 }
  const dot = petals[petal]?.dots.findIndex((one) => one.index === index) ?? -1
  return dot < 0 ? null : { petal, dot }
}

/**
 * Where an arrow key leads: left and right around the circle or along a fan, down outwards and up inwards;
 * Home and End to the first and last of those. Null for other keys, and where it goes no further.
 */
export function walk({ petals }: RadialLayout, { petal, dot }: Place, key: string): Place | null {
  const dots = petals[petal]?.dots.length ?? 0
  const isRoot = petal < 0
  const isDot = dot >= 0
  switch (key) {
    case 'ArrowDown':
      if (isRoot) return petals.length > 0 ? { petal: 0, dot: -1 } : null
      return !isDot && dots > 0 ? { petal, dot: 0 } : null
    case 'ArrowUp':
      if (isRoot) return null
      return isDot ? { petal, dot: -1 } : rootPlace
    case 'ArrowRight':
      return step(1)
    case 'ArrowLeft':
      return step(-1)
    case 'Home':
      return isRoot ? null : isDot ? { petal, dot: 0 } : { petal: 0, dot: -1 }
    case 'End':
      return isRoot ? null : isDot ? { petal, dot: dots - 1 } : { petal: petals.length - 1, dot: -1 }
    default:
      return null
  }

  /** The circle has no end, a fan has two. */
  function step(by: 1 | -1): Place | null {
    if (isRoot) return null
    if (!isDot) return { petal: (petal + by + petals.length) % petals.length, dot: -1 }
    return dot + by < 0 || dot + by >= dots ? null : { petal, dot: dot + by }
  }
}
