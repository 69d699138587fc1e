import { nextTurn } from './loop-turns.ts'

/**
 * Maximum number of values of a list in one SQL statement, with room for the parameters of its other
 * conditions. Prisma refuses more than 999 parameters in a statement (P2029); SQLite accepts 32,766.
 */
export const parametersPerStatement = 800

/** Rows that are read with their relations in one turn of the event loop: see `inSlices`. */
export const rowsPerTurn = 200

/** The items in order, in slices of at most `size`. */
export function slicesOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

/**
 * What `read` finds of each slice, one slice after the other. SQLite answers in the same turn of the event loop:
 * without a pause between slices, all other requests would wait for the sum. `pause` replaces the pause.
 */
export async function inSlices<Item, Found>(
  items: readonly Item[],
  size: number,
  read: (slice: Item[]) => Promise<Found[]>,
  pause?: () => Promise<void>,
): Promise<Found[]> {
  let turns = 0
  const found: Found[][] = []
  for (const slice of slicesOf(items, size)) {
    if (found.length > 0) await (pause ? pause() : nextTurn(turns++))
    found.push(await read(slice))
  }
  return found.flat()
}
