import { GraphQLError } from 'graphql'
import type { Events } from '../events.ts'

/** A page that waits has one, for as long as it waits; each costs a connection and little else. */
const maxStreams = 1_000

/**
 * Refuses one more stream of events when too many are open. Each listens to `serverStops`, and only streams do.
 * `what` completes "too many".
 */
export function checkStreamCount(events: Events, what: string): void {
  if (events.listenerCount('serverStops') < maxStreams) return
  throw new GraphQLError(`too many ${what} at once: ask again later`, {
    extensions: { code: 'BUSY', http: { status: 503 } },
  })
}
