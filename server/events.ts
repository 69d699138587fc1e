import { EventEmitter } from 'node:events'

/** Events of this process. What changes in the database is in server/changes. */
export type Events = EventEmitter<{
  /** The server stops: open streams (server-sent events) have to end. */
  serverStops: []
}>

export function createEvents(): Events {
  // Each subscription has a listener. The code of subscriptions limits their number.
  const events: Events = new EventEmitter()
  return events.setMaxListeners(0)
}
