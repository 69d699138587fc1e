/** Where something stands in a list that is newest first by a build's start, and by id within the same instant. */
export type StartCursor = { startedAt: Date; id: number }

export function formatStartCursor({ startedAt, id }: StartCursor): string {
  return `${startedAt.getTime()}:${id}`
}

/** Null when the text is no such cursor. */
export function parseStartCursor(text: string): StartCursor | null {
  const match = /^(-?\d{1,15}):(\d{1,15})$/.exec(text)
  return match ? { startedAt: new Date(Number(match[1])), id: Number(match[2]) } : null
}

/** Order of such lists, for `toSorted`. */
export function byNewest(left: StartCursor, right: StartCursor): number {
  return right.startedAt.getTime() - left.startedAt.getTime() || right.id - left.id
}
