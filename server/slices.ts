/**
 * Maximum number of values of a list in one SQL statement, with room for the parameters of its other
 * conditions. Prisma refuses more than 999 parameters in a statement (P2029); SQLite accepts 32,766.
 */
export const parametersPerStatement = 800

/** The items in order, in slices of at most `size`. */
export function slicesOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
