/** Makes the time of the clock, in UTC, of seconds since a start: `15:30:12Z`. `startedAt`: RFC 3339. */
export function clockOf(startedAt: string): (seconds: string) => string {
  const start = Date.parse(startedAt)
  return (seconds) => `${new Date(start + Number(seconds) * 1_000).toISOString().slice(11, 19)}Z`
}
