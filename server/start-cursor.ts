/** Position in a list that is ordered by the start of builds, newest first, and by id for equal starts. */
export type StartCursor = { startedAt: Date; id: number }

export function formatStartCursor({ startedAt, id }: StartCursor): string {
  return `${startedAt.getTime()}:${id}`
}

/** Parses a cursor. Null if the text is not a valid cursor. */
export function parseStartCursor(text: string): StartCursor | null {
  const match = /^(-?\d{1,15}):(\d{1,15})$/.exec(text)
  return match ? { startedAt: new Date(Number(match[1])), id: Number(match[2]) } : null
}

/** Comparison function of this order, for `toSorted`. */
export function byNewest(left: StartCursor, right: StartCursor): number {
  return right.startedAt.getTime() - left.startedAt.getTime() || right.id - left.id
}
