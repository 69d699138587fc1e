const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** Before each attempt, as the Standard Webhooks specification has it: 75 hours and a half in all. */
const pausesMs = [
  ...[0, 5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour],
  24 * hour,
]

export const maxAttempts = pausesMs.length

/** No receiver makes the hub wait longer by `Retry-After`. */
const longestAskedMs = hour
/** Without `Retry-After`, a receiver that is too busy has so long. */
const busyPauseMs = minute
/** From this number of failures on, an endpoint without answers is paused. */
const silentFailures = 3
const longestSilentMs = 10 * minute
const busyStatuses = new Set([429, 502, 503, 504])

/** The pause after `attempts` failed ones, up to 20 % shorter or longer by chance (`random`: 0 to 1); null: that was the last. */
export function pauseAfterAttempts(attempts: number, random: number): number | null {
  const pauseMs = pausesMs[attempts]
  return pauseMs === undefined ? null : Math.round(pauseMs * (0.8 + 0.4 * random))
}

/**
 * For how long a receiver wants nothing at all; null: it does not say. `retryAfter`: the header, in seconds or as a date
 * (RFC 9110, section 10.2.3).
 */
export function askedPauseMs(
  status: number | null,
  retryAfter: string | undefined,
  now: Date,
): number | null {
  if (status === null || !busyStatuses.has(status)) return null
  const asked = /^\d{1,9}$/.test(retryAfter ?? '')
    ? Number(retryAfter) * second
    : Date.parse(retryAfter ?? '') - now.getTime()
  return Math.min(Math.max(0, Number.isNaN(asked) ? busyPauseMs : asked), longestAskedMs)
}

/**
 * For how long an endpoint gets nothing that has given no answer (`status` null), `failures` attempts in a row having failed: each
 * such attempt may keep one of the four places for all endpoints until its time limit. A minute first, a minute longer after
 * each further one. Null: it is not paused.
 */
export const pauseOfSilent = (status: number | null, failures: number): number | null =>
  status === null && failures >= silentFailures
    ? Math.min((failures - silentFailures + 1) * minute, longestSilentMs)
    : null
