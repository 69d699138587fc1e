import { Link } from 'react-router'
import type { HookRunRowFragment, HookRunState } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { adminPaths, paths } from '../paths.ts'
import { formatDuration } from '../ui/duration.ts'
import { Name } from '../ui/Name.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { visibleText } from '../ui/visible-text.ts'

export const HookRunRow = graphql(`
  fragment HookRunRow on HookRun {
    id
    event
    hook
    buildUuid
    job
    platform
    isTest
    state
    attempts
    error
    createdAt
    startedAt
    finishedAt
  }
`)

const columns = [
  { name: 'Hook' },
  { name: 'State' },
  { name: 'Build' },
  { name: 'When' },
  { name: 'Took', number: true },
  { name: 'Why' },
]

/** Runs of hooks, each with the way to what it printed. `isOfBuild`: all are of one build, whose page this is. */
export function HookRunTable(props: { runs: readonly HookRunRowFragment[]; isOfBuild?: boolean }) {
  const { isOfBuild = false, runs } = props
  return (
    <Table
      label="Runs of hooks"
      columns={columns.filter(({ name }) => name !== 'Build' || !isOfBuild)}
      className="many-columns"
    >
      {runs.map((run) => (
        <Row key={run.id}>
          <Cell className="name">
            <Link to={adminPaths.hookRun(run.id)}>
              <Name>{run.hook}</Name>
            </Link>
          </Cell>
          <Cell className={`whitespace-nowrap ${hookStateTone(run.state)}`}>{hookStateWords(run)}</Cell>
          {!isOfBuild && (
            <Cell className="name roomy:min-w-56">
              <Link to={paths.build(run.job, run.buildUuid)}>
                <Name>{run.job}</Name>
              </Link>{' '}
              <span className="text-quiet">
                on <Name>{run.platform}</Name>
              </span>
            </Cell>
          )}
          <Cell className="whitespace-nowrap">
            <RelativeTime at={run.finishedAt ?? run.startedAt ?? run.createdAt} />
          </Cell>
          <Cell number>{tookMs(run) === null ? '' : formatDuration(tookMs(run) ?? 0)}</Cell>
          <Cell className="whole-line wrap-anywhere roomy:w-full">{run.error && visibleText(run.error)}</Cell>
        </Row>
      ))}
    </Table>
  )
}

/** Of the last attempt, in ms; null while it runs, and before. */
export const tookMs = ({ finishedAt, startedAt }: { finishedAt: string | null; startedAt: string | null }) =>
  finishedAt === null || startedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt)

export function hookStateWords({
  attempts,
  isTest,
  state,
}: Pick<HookRunRowFragment, 'attempts' | 'isTest' | 'state'>): string {
  const word = state === 'PENDING' ? 'waits' : state.toLowerCase()
  return [word, ...(isTest ? ['test'] : []), ...(attempts > 1 ? [`${attempts} attempts`] : [])].join(', ')
}

export const hookStateTone = (state: HookRunState) =>
  state === 'FAILED' ? 'font-semibold text-bad' : state === 'SUCCEEDED' ? 'text-good' : ''
