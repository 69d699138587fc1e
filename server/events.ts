import { EventEmitter } from 'node:events'

/** What has happened, for parts of the server that must not know each other. */
export type Events = EventEmitter<{
  /** A build was stored, and is visible. */
  buildStored: [{ uuid: string; job: string }]
  /** A job's section, synopsis or description has changed. */
  jobDescribed: [{ job: string }]
  /** An analysis has a result, or failed; so have all builds that share its input. */
  analysisFinished: [{ kind: string; inputSha256: string }]
  /** No more requests are taken: answers that go on until something happens should end. */
  serverStops: []
}>

/**
 * Calls `listener` after each change of the stored facts that answers, pages and feeds show. The results
 * of analyses are not among them.
 */
export function onChange(events: Events, listener: () => void): void {
  events.on('buildStored', listener)
  events.on('jobDescribed', listener)
}

export function createEvents(): Events {
  // Every client that follows something listens; how many may, they bound themselves.
  const events: Events = new EventEmitter()
  return events.setMaxListeners(0)
}
