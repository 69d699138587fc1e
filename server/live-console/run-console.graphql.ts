import { Repeater } from 'graphql-yoga'
import { ConsoleLine } from '../builds/console.graphql.ts'
import { lineLimitBytes, lineText, type ConsoleLine as Line } from '../builds/console.ts'
import { badInput } from '../graphql/bad-input.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { checkStreamCount } from '../graphql/event-streams.ts'
import type { RunId } from '../ids.ts'
import { findRunId } from '../scheduling/find-run.ts'
import { beginEvent } from '../per-operation.ts'
import { Run } from '../scheduling/run.graphql.ts'
import { followRun, type RunEvent, type RunPosition } from './follow-run.ts'
import type { ConsoleBatch } from './live-console.ts'

type Told = RunEvent & { id: RunId }

const RunConsoleEvent = builder.objectRef<Told>('RunConsoleEvent').implement({
  description: 'A run has changed, or its worker has printed something.',
  fields: (t) => ({
    run: t.prismaField({
      type: Run,
      nullable: true,
      description:
        'The run as it is now: in the first event, and whenever it changes. Null in events that bring lines.',
      resolve: (query, told, _args, { db }) =>
        told.kind === 'run' ? db.run.findUnique({ ...query, where: { id: told.id } }) : null,
    }),
    attempt: t.int({
      nullable: true,
      description: 'Number of the try whose lines these are. Each try has lines of its own, from 1.',
      resolve: (told) => (told.kind === 'lines' ? told.attempt : null),
    }),
    lines: t.field({
      type: [ConsoleLine],
      description:
        'Lines that follow those of the events before. Each is what the worker sent at once: its text may hold line breaks. Very long lines are cut.',
      resolve: (told) => (told.kind === 'lines' ? linesOf(told.batch) : []),
    }),
    isLast: t.boolean({
      description: 'The run has ended, and all its lines were told: the stream completes.',
      resolve: (told) => told.kind === 'run' && told.isLast,
    }),
  }),
})

function linesOf({ first, entries }: ConsoleBatch): Line[] {
  return entries.map(({ deltaNs, text }, n) => ({
    number: first + n + 1,
    offsetMs: Number(deltaNs) / 1e6,
    text: lineText(text.subarray(0, lineLimitBytes), Math.max(0, text.length - lineLimitBytes)),
  }))
}

/** A Repeater, since a generator that waits for an event does not hear that its client has gone. */
function follow(context: Context, uuid: string, position: RunPosition): Repeater<Told> {
  const { db, events } = context
  checkStreamCount(events, 'follow runs')
  return new Repeater<Told>(async (push, stop) => {
    const stopped = new AbortController()
    const end = () => stopped.abort()
    events.on('serverStops', end)
    void stop.then(end)
    try {
      const id = await findRunId(db, uuid)
      if (id === null) throw badInput(`no run ${uuid}`)
      await followRun(context, id, position, (event) => push({ ...event, id }), stopped.signal)
      stop()
    } finally {
      events.off('serverStops', end)
    }
  })
}

builder.subscriptionField('runConsole', (t) =>
  t.field({
    type: RunConsoleEvent,
    description:
      'A run while it waits and runs, and what it prints, in batches of lines: first those that it has printed so far. Completes when the run has ended. A client that reads slowly misses nothing. Once the run has a build, that has the console: its lines are here no more.',
    args: {
      run: t.arg({ type: 'UUID', required: true, description: "The run's UUID, or that of a try." }),
      after: t.arg.int({
        description: 'Number of the last line that the client has: lines behind it are sent. Default: 0.',
      }),
      attempt: t.arg.int({
        description:
          'Number of the try that `after` is of. If it is no longer the last one, all lines of the last one are sent. Default: the last one.',
      }),
    },
    subscribe: (_root, { run, after, attempt }, context) => {
      if (after != null && after < 0) throw badInput(`after is ${after}: it must not be negative`)
      return follow(context, run, { attempt: attempt ?? null, after: after ?? 0 })
    },
    resolve(told, _args, context) {
      beginEvent(context)
      return told
    },
  }),
)
