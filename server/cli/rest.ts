/** A server that waits for the lock of SQLite looks for it at least this often: it has its turn after each step. */
const shortestRestMs = 110

/** How long a command rests after a transaction, so that uploads to a running server have their turn. */
export const restMs = (tookMs: number): number => Math.max(shortestRestMs, tookMs / 2)
