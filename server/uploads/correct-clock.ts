type Times = { startedAt: Date; finishedAt: Date }

/** The earliest time that a text can say. */
const startOfYear0 = Date.parse('0000-01-01T00:00:00Z')

/**
 * The times of a build as the database has them. If the record claims a start after the hub received it, the
 * builder's clock was ahead: both times are moved back so that the later of the two is `receivedAt`, and no
 * further than to the year 0. The record's times are kept beside them.
 */
export function correctClock(record: Times, receivedAt: Date) {
  const { startedAt, finishedAt } = record
  if (startedAt <= receivedAt) return { startedAt, finishedAt, recordStartedAt: null, recordFinishedAt: null }
  const aheadMs = Math.max(startedAt.getTime(), finishedAt.getTime()) - receivedAt.getTime()
  const earlier = (at: Date) => new Date(Math.max(at.getTime() - aheadMs, startOfYear0))
  return {
    ...{ startedAt: earlier(startedAt), finishedAt: earlier(finishedAt) },
    ...{ recordStartedAt: startedAt, recordFinishedAt: finishedAt },
  }
}
