/**
 * Where a reader of a running build's console was when the build's page took its place: the first line on the screen, null for whoever
 * followed the end, and the distance of the console from the top of the window, in pixels. It travels in the state of the address.
 */
export type KeptPlace = { line: number | null; top: number }

export const keepPlace = (place: KeptPlace) => ({ console: place })

/** The place in the state of an address; null if there is none. */
export function readKeptPlace(state: unknown): KeptPlace | null {
  if (typeof state !== 'object' || state === null || !('console' in state)) return null
  const { line, top } = state.console as Partial<KeptPlace>
  return (typeof line === 'number' || line === null) && typeof top === 'number' ? { line, top } : null
}
