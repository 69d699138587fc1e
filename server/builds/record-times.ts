type StoredTimes = {
  startedAt: Date
  finishedAt: Date
  recordStartedAt: Date | null
  recordFinishedAt: Date | null
}

/** Start and finish as the build's record has them, by the builder's clock. */
export function timesOfRecord({ startedAt, finishedAt, recordStartedAt, recordFinishedAt }: StoredTimes) {
  return { startedAt: recordStartedAt ?? startedAt, finishedAt: recordFinishedAt ?? finishedAt }
}
