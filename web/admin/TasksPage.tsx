import type { ApolloClient } from '@apollo/client'
import { type LoaderFunctionArgs, useSearchParams } from 'react-router'
import { BuildFilters } from '../builds/BuildFilters.tsx'
import type { TaskState } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { LongText } from '../ui/LongText.tsx'
import { Empty } from '../ui/Notice.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { ActButton } from './ActButton.tsx'
import { AdminFrame, AdminSection } from './AdminFrame.tsx'
import { loadAdmin } from './load-admin.ts'
import { queueName } from './queue-names.ts'

const AdminTasksQuery = graphql(`
  query AdminTasks($filter: TaskFilter!, $first: Int, $after: String, $last: Int, $before: String) {
    admin {
      mayChange
      taskKinds
      tasks(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        nodes {
          id
          kind
          key
          state
          attempts
          dueAt
          error
          progress
          canBeRetried
        }
        pageInfo {
          ...Pager
        }
        totalCount
      }
      analyses {
        kinds {
          kind
          version
          pendingCount
          runningCount
          readyCount
          failedCount
          outdatedCount
        }
        failures {
          kind
          reason
          count
        }
      }
    }
  }
`)

const RetryTaskMutation = graphql(`
  mutation RetryTask($id: ID!) {
    retryTask(id: $id) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const RetryFailedAnalysesMutation = graphql(`
  mutation RetryFailedAnalyses($kind: AnalysisKind) {
    retryFailedAnalyses(kind: $kind) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const states: Record<string, TaskState> = {
  pending: 'PENDING',
  running: 'RUNNING',
  done: 'DONE',
  failed: 'FAILED',
  dead: 'DEAD',
}

const stateFilter = {
  parameter: 'state',
  label: 'State',
  options: Object.keys(states).map((value) => ({ value, label: value })),
}

export const loadTasksPage = (client: ApolloClient, { request }: LoaderFunctionArgs) => {
  const search = new URL(request.url).searchParams
  const state = search.get('state') ?? ''
  const filter = {
    kind: search.get('kind'),
    state: Object.hasOwn(states, state) ? (states[state] ?? null) : null,
  }
  return loadAdmin(client, AdminTasksQuery, { filter, ...readPage(search, 50) })
}

const columns = [
  { name: 'Kind' },
  { name: 'State' },
  { name: 'Attempts', number: true },
  { name: 'Due' },
  { name: 'Key, error' },
  { name: 'Actions', hidden: true },
]

const analysisColumns = [
  { name: 'Kind' },
  { name: 'Waiting', number: true },
  { name: 'Ready', number: true },
  { name: 'Failed', number: true },
  { name: 'Outdated', number: true },
  { name: 'Actions', hidden: true },
]

const inWords = (count: number) => count.toLocaleString('en-US')

/** What the server does in the background, and analyses that failed. */
export function TasksPage() {
  const loaded = useLoaded<typeof loadTasksPage>()
  const [search] = useSearchParams()
  const isFiltered = search.has('state') || search.has('kind')
  return (
    <AdminFrame title="Tasks" command="hub tasks status · hub tasks retry" loaded={loaded}>
      {({ analyses, mayChange, taskKinds, tasks }) => (
        <>
          <BuildFilters
            filters={[
              stateFilter,
              {
                parameter: 'kind',
                label: 'Kind',
                options: taskKinds.map((kind) => ({ value: kind, label: queueName(kind) })),
              },
            ]}
          />
          <p className="mt-2 mb-2 text-small text-quiet tabular-nums">
            {inWords(tasks.totalCount)} {tasks.totalCount === 1 ? 'task' : 'tasks'}
          </p>
          {tasks.nodes.length > 0 ? (
            <Table label="Tasks" columns={columns} className="many-columns">
              {tasks.nodes.map((task) => (
                <Row key={task.id}>
                  <Cell className="whole-line roomy:min-w-56">
                    <span title={task.kind}>{queueName(task.kind)}</span>
                  </Cell>
                  <Cell className={stateTone(task.state)}>{task.state.toLowerCase()}</Cell>
                  <Cell number>
                    {task.attempts}
                    <span className="roomy:hidden"> {task.attempts === 1 ? 'attempt' : 'attempts'}</span>
                  </Cell>
                  <Cell className="whitespace-nowrap">
                    <RelativeTime at={task.dueAt} />
                  </Cell>
                  <Cell className="whole-line wrap-anywhere roomy:w-full">
                    {task.key && (
                      <code className="text-quiet" title={task.key}>
                        {task.key.length > 20 ? `${task.key.slice(0, 16)}…` : task.key}
                      </code>
                    )}{' '}
                    {task.error && <LongText text={visibleText(task.error)} what="the error" />}
                    {!task.error && task.progress && (
                      <span className="text-quiet">
                        <LongText text={task.progress} what="the progress" />
                      </span>
                    )}
                  </Cell>
                  <Cell>
                    {mayChange && task.canBeRetried && (
                      <ActButton
                        label="Retry"
                        of={`task ${task.id}`}
                        mutation={RetryTaskMutation}
                        variables={{ id: task.id }}
                      />
                    )}
                  </Cell>
                </Row>
              ))}
            </Table>
          ) : (
            <Empty>{isFiltered ? 'No task is like this.' : 'There is no task yet.'}</Empty>
          )}
          <Pager pageInfo={tasks.pageInfo} label="Pages of tasks" />
          <AdminSection title="Analyses">
            <Table label="Analyses" columns={analysisColumns}>
              {analyses.kinds.map((one) => (
                <Row key={one.kind}>
                  <Cell className="whole-line wide:w-full">{queueName(one.kind)}</Cell>
                  <Numbered number={one.pendingCount + one.runningCount} word="waiting" />
                  <Numbered number={one.readyCount} word="ready" />
                  <Numbered number={one.failedCount} word="failed" />
                  <Numbered number={one.outdatedCount} word="outdated" />
                  <Cell>
                    {mayChange && one.failedCount > 0 && (
                      <ActButton
                        label="Retry failed"
                        of={`analyses of the kind ${one.kind}`}
                        mutation={RetryFailedAnalysesMutation}
                        variables={{ kind: one.kind }}
                      />
                    )}
                  </Cell>
                </Row>
              ))}
            </Table>
            {analyses.failures.length > 0 && (
              <>
                <h3 className="mt-4 text-small text-quiet">
                  Why analyses failed, most frequent reasons first
                </h3>
                <ul>
                  {analyses.failures.map(({ kind, reason, count }) => (
                    <li key={`${kind} ${reason}`} className="border-t border-line py-1 wrap-anywhere">
                      <span className="tabular-nums">{inWords(count)} ×</span> {queueName(kind)}:{' '}
                      <LongText text={visibleText(reason)} what="the reason" />
                    </li>
                  ))}
                </ul>
              </>
            )}
          </AdminSection>
        </>
      )}
    </AdminFrame>
  )
}

function Numbered({ number, word }: { number: number; word: string }) {
  return (
    <Cell number>
      {inWords(number)}
      <span className="wide:hidden"> {word}</span>
    </Cell>
  )
}

const stateTone = (state: TaskState) =>
  state === 'DEAD' || state === 'FAILED' ? 'font-semibold text-bad' : state === 'DONE' ? 'text-good' : ''
