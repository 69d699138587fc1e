const weekMs = 7 * 24 * 3_600_000

/**
 * Whether the arrival of a build has events: of each that is uploaded (`actor`), and of copies from another site or from files if
 * they were built in the week before. Moving a site in tells nobody of its past.
 */
export function isNews(
  { finishedAt, receivedAt }: { finishedAt: Date; receivedAt: Date },
  actor: object | null,
): boolean {
  return actor !== null || receivedAt.getTime() - finishedAt.getTime() < weekMs
}
