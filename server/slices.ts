/**
 * Values that one statement may take as parameters, with room for those of its other conditions. Prisma refuses
 * more than 999 in one statement (P2029); SQLite takes 32,766.
 */
export const parametersPerStatement = 800

/** The items in order, in slices of at most `size`. */
export function slicesOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
