import type { QueuedTask as Row } from '../generated/prisma/client.ts'
import { builder } from '../graphql/builder.ts'
import { pageCost, parsePage, toConnection } from '../graphql/connection.ts'
import { endStates, type TaskState } from '../runner/task.ts'
import { Administration } from './administration.graphql.ts'
import { byNewestId } from '../list-by-id.ts'
import { countTasksOf, findTasks } from './list-tasks.ts'

export const TaskStateEnum = builder.enumType('TaskState', {
  description: 'State of a task of the background.',
  values: {
    PENDING: { description: 'It waits until it is due.' },
    RUNNING: { description: 'A server runs it.' },
    DONE: { description: 'Its last run succeeded.' },
    FAILED: { description: 'Its last run gave an error that every other run would give, too.' },
    DEAD: { description: 'It gave an error in each attempt.' },
  } satisfies Record<TaskState, unknown>,
})

export const QueuedTask = builder.objectRef<Row>('QueuedTask').implement({
  description: 'A task of the background.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its number, for `retryTask`.' }),
    kind: t.exposeString('kind', { description: 'What it does.' }),
    key: t.exposeString('key', {
      description: 'What it works on, such as the SHA-256 of a file; empty if there is one such task only.',
    }),
    state: t.field({
      type: TaskStateEnum,
      description: 'How it stands.',
      resolve: ({ state }) => state as TaskState,
    }),
    attempts: t.exposeInt('attempts', {
      description: 'Number of its runs since it was last asked for.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was first asked for.' }),
    dueAt: t.expose('dueAt', { type: 'DateTime', description: 'It does not run before.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its last run began; null if none has.',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its last run ended; null if none has.',
    }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'Why its last run gave no result; null if it did.',
    }),
    progress: t.exposeString('progress', {
      nullable: true,
      description: 'How far it is, as JSON; null if it has no parts.',
    }),
    canBeRetried: t.boolean({
      description: 'Whether it has ended, so that `retryTask` runs it again.',
      resolve: ({ state }) => (endStates as readonly string[]).includes(state),
    }),
  }),
})

const QueuedTaskConnection = builder.connectionObject(
  { type: QueuedTask, name: 'QueuedTaskConnection', description: 'A page of tasks.' },
  { name: 'QueuedTaskEdge', description: 'A task in a list.' },
)

const TaskFilterInput = builder.inputType('TaskFilter', {
  description: 'Filter for tasks. A task must meet all given conditions.',
  fields: (t) => ({
    kind: t.string({ description: 'Only tasks of this kind.' }),
    state: t.field({ type: TaskStateEnum, description: 'Only tasks in this state.' }),
  }),
})

const order = byNewestId('task')

builder.objectFields(Administration, (t) => ({
  taskKinds: t.stringList({
    description: 'The kinds of tasks that this server runs.',
    resolve: (_admin, _args, { runner }) => runner.kinds.toSorted(),
  }),
  tasks: t.connection(
    {
      type: QueuedTask,
      description: 'Tasks of the background, those that were asked for last first.',
      args: { filter: t.arg({ type: TaskFilterInput, description: 'Which tasks to list.' }) },
      complexity: pageCost,
      resolve: async (_admin, args, { db, runner }) => {
        const page = parsePage(args, order)
        const filter = args.filter ?? {}
        const rows = await findTasks(db, runner.kinds, filter, page)
        return {
          ...toConnection(rows, page, order),
          totalCount: () => countTasksOf(db, runner.kinds, filter),
        }
      },
    },
    QueuedTaskConnection,
  ),
}))
