/** How many levels of lightness there are, from 0: needed by one. */
export const shareLevels = 6

/**
 * The level of a package that `count` others need, where the most needed one has `most`. By doublings, as few are
 * needed by many.
 */
export function shareLevel(count: number, most: number): number {
  if (count <= 1 || most <= 1) return 0
  return Math.max(
    1,
    Math.min(shareLevels - 1, Math.round((Math.log(count) / Math.log(most)) * (shareLevels - 1))),
  )
}
