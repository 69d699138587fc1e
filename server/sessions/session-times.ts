/** A session ends so long after the last request in it. */
export const idleHours = 12

/** A session ends so long after its user has signed in. */
export const absoluteDays = 30

/** The row of a session tells when it was used last, to some minutes: not every request writes. */
export const seenMinutes = 5

/** Changes of users, keys, and what is removed need a password that was given within the last minutes. */
export const freshMinutes = 10

const hourMs = 3_600_000

/** Sessions that were used last before this moment are over. */
export const idleSince = (now: Date): Date => new Date(now.getTime() - idleHours * hourMs)

/** When a session that begins now ends at the latest. */
export const endOfNew = (now: Date): Date => new Date(now.getTime() + absoluteDays * 24 * hourMs)
