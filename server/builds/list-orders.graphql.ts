import type { ListOrder } from '../graphql/connection.ts'
import { formatStartCursor, parseStartCursor, type StartCursor } from '../start-cursor.ts'

/** Order of lists: by the start of the build, newest first. */
export const buildOrder: ListOrder<StartCursor, StartCursor> = {
  name: 'build',
  keyOf: formatStartCursor,
  parseKey: parseStartCursor,
}

/** Last received first. */
export const receivedOrder: ListOrder<StartCursor, StartCursor> = {
  name: 'received',
  keyOf: ({ id }) => String(id),
  parseKey: (text) => (/^\d{1,15}$/.test(text) ? { startedAt: new Date(0), id: Number(text) } : null),
}

export const listOrders = { STARTED: buildOrder, RECEIVED: receivedOrder } as const
