import { EventEmitter } from 'node:events'
import type { AnalysisKey } from './analyses/analysis-key.ts'

/** Events that connect parts of the server that do not import each other. */
export type Events = EventEmitter<{
  /** A build was stored, and is visible. */
  buildStored: [{ uuid: string; job: string }]
  /** A job's section, synopsis or description has changed. */
  jobDescribed: [{ job: string }]
  /** Facts that are derived from builds were wrong, and are corrected. */
  factsRebuilt: []
  /** An analysis has a result or failed. This concerns all builds that share its input. */
  analysisFinished: [AnalysisKey]
  /** The server stops: open streams (server-sent events) have to end. */
  serverStops: []
}>

/**
 * Calls `listener` after each change of the stored facts that responses, pages and feeds show. Results of
 * analyses do not count as changes.
 */
export function onChange(events: Events, listener: () => void): void {
  events.on('buildStored', listener)
  events.on('jobDescribed', listener)
  events.on('factsRebuilt', listener)
}

export function createEvents(): Events {
  // Each subscription has a listener. The code of subscriptions limits their number.
  const events: Events = new EventEmitter()
  return events.setMaxListeners(0)
}
