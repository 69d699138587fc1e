import { queryFromInfo } from '@pothos/plugin-prisma'
import { Repeater } from 'graphql-yoga'
import { badInput } from '../graphql/bad-input.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { formatCursor, parsePage } from '../graphql/connection.ts'
import { checkStreamCount } from '../graphql/event-streams.ts'
import type { BuildId } from '../ids.ts'
import { beginEvent } from '../per-operation.ts'
import { BuildFilterInput } from './build-lists.graphql.ts'
import { Build } from './build.graphql.ts'
import { receivedOrder } from './list-orders.graphql.ts'
import { loadBuild } from './load-builds.graphql.ts'
import { findBuildIds, type BuildFilter } from './list-builds.ts'

/** Number of builds that one statement reads for a client that was away. */
const pageRows = 100

const StoredBuild = builder.objectRef<{ id: BuildId }>('StoredBuild').implement({
  description: 'A build that was stored, and where it stands in the order of arrival.',
  fields: (t) => ({
    cursor: t.string({
      description:
        'Value for `after` to go on behind this build, and for `before` of a list with `order: RECEIVED`.',
      resolve: ({ id }) => formatCursor(receivedOrder, { startedAt: new Date(0), id }),
    }),
    build: t.field({
      type: Build,
      description: 'The build.',
      resolve: ({ id }, _args, context, info) =>
        loadBuild(context, queryFromInfo({ context, info, typeName: 'Build' }), id),
    }),
  }),
})

/**
 * The builds that were stored after `after`, and then each build when it is stored. Ids increase in the order of the
 * commits, so reading on after the last id misses no build, however events and reads overlap. For a slow client,
 * reading waits.
 */
function followBuilds(
  { changes, db, events }: Context,
  filter: BuildFilter,
  after: BuildId | null,
): Repeater<{ id: BuildId }> {
  checkStreamCount(events, 'follow builds')
  return new Repeater<{ id: BuildId }>(async (push, stop) => {
    let isOver = false
    let wake = () => {}
    const end = () => {
      isOver = true
      wake()
    }
    const stopFollowing = changes.on(['builds'], () => wake())
    events.on('serverStops', end)
    void stop.then(end)
    try {
      let last = after ?? (await newestId(db))
      for (;;) {
        const stored = new Promise<void>((resolve) => (wake = resolve))
        if (isOver) break
        const page = {
          limit: pageRows - 1,
          backward: true,
          after: null,
          before: { startedAt: new Date(0), id: last },
        }
        const newest = await newestId(db)
        const ids = (await findBuildIds(db, filter, page, 'RECEIVED')).toSorted((a, b) => a - b)
        for (const id of ids) {
          if (isOver) break
          await push({ id })
          last = id
        }
        if (ids.length < pageRows) {
          // What does not match the filter is not read again.
          if (newest > last) last = newest
          await stored
        }
      }
      stop()
    } finally {
      stopFollowing()
      events.off('serverStops', end)
    }
  })
}

async function newestId(db: Context['db']): Promise<BuildId> {
  const newest = await db.build.findFirst({ orderBy: { id: 'desc' }, select: { id: true } })
  return newest?.id ?? (0 as BuildId)
}

builder.subscriptionField('buildStored', (t) =>
  t.field({
    type: StoredBuild,
    description:
      'Builds as they are stored, in the order of their arrival. With `after`, the builds that were stored behind that cursor come first, so a client that was away misses none. Does not complete.',
    args: {
      after: t.arg.string({
        description:
          'Cursor of the last known build: of this subscription, or of a list with `order: RECEIVED`.',
      }),
      filter: t.arg({
        type: BuildFilterInput,
        description:
          'Which builds to send. `verdict` and `isDisputed` are refused, because they change after a build is stored.',
      }),
    },
    subscribe: (_root, { after, filter }, context) => {
      const cursor = parsePage({ after }, receivedOrder).after
      for (const name of ['verdict', 'isDisputed'] as const)
        if (filter?.[name] != null)
          throw badInput(
            `filter.${name} changes after a build is stored: filter what arrives by its ${name === 'verdict' ? name : 'grade'}`,
          )
      return followBuilds(context, filter ?? {}, cursor ? (cursor.id as BuildId) : null)
    },
    resolve(stored, _args, context) {
      beginEvent(context)
      return stored
    },
  }),
)
