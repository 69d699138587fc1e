/**
 * What stays of the builds of a job on a platform: a build stays if any of these keeps it. "Newest" is by the start.
 * Whatever they say, the newest build, the newest that succeeded, the newest with a main binary, and pinned builds stay.
 */
export type Keep = {
  /** So many newest builds. */
  newest?: number
  /** So many newest builds that exited 0. */
  newestSuccessful?: number
  /** Every build from this one on: the Nth newest with a main binary. If there are fewer, all builds. */
  sinceSuccessful?: number
  /** Builds that ended after this time. */
  finishedAfter?: Date
  /** Builds that started within so many days before now. */
  days?: number
  /** So many newest builds with a main binary of each month (UTC). */
  perMonth?: number
  /** So many newest builds of each main binary. */
  perOutput?: number
  /** The first and the last build of each main binary, or one of them. */
  outputs?: 'first' | 'last' | 'first-and-last'
}

/**
 * Why a build stays. `rule`: a number or a time of `Keep`; `output`: `Keep.outputs`. `newest` and `pinned` are told of
 * builds that nothing else keeps.
 */
export type StayReason = 'rule' | 'output' | 'newest' | 'pinned'
