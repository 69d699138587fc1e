/** What several servers of one database know of each other. All times are those of the database. */
export type ServerLease = {
  /** A server has started. */
  add: (server: { id: string; name: string; version: string; keyMark: string }) => Promise<void>
  /**
   * Says that a server runs, and that it takes this role, or goes on with it. Returns the number of its term; null: another server has
   * the role.
   */
  claim: (role: string, serverId: string) => Promise<number | null>
  /** The server stops: another one may have its roles at once. */
  leave: (serverId: string) => Promise<void>
}

/** A server that does not say for so long that it has a role loses it to the next one that asks. */
export const leaseMs = 30_000

/** Pause between two claims: several of them may fail. */
export const claimEveryMs = 2_000

/** What a database offers to several servers. */
export type SharedDatabase = {
  lease: ServerLease
  /** A pool of connections of the driver, for libraries that count in the database. */
  pool: object
  close: () => Promise<void>
}
