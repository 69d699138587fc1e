/**
 * A server that waits for the lock of SQLite looks for it every 100 ms or more often: it has its turn after one or two
 * transactions.
 */
const shortestRestMs = 50

/** How long a command rests after a transaction, so that uploads to a running server have their turn. */
export const restMs = (tookMs: number): number => Math.max(shortestRestMs, tookMs / 4)
