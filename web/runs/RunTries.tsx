import { Link } from 'react-router'
import { paths } from '../paths.ts'
import { formatDuration } from '../ui/duration.ts'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Name } from '../ui/Name.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { describeTry, type Run, type RunTry } from './run-words.ts'

/** What workers have made of a run: each try, and why it was put back. */
export function RunTries({ run }: { run: Run }) {
  if (run.tries.length === 0) return null
  return (
    <section aria-labelledby="tries" className="mt-6">
      <h2 id="tries">Tries</h2>
      <ol className="mt-1">
        {run.tries.map((one) => (
          <li
            key={one.uuid}
            className="grid grid-cols-[2.5rem_minmax(0,1fr)] gap-x-2 border-t border-line py-1.5 wide:grid-cols-[2.5rem_14rem_minmax(0,1fr)]"
          >
            <span className="text-quiet tabular-nums">{one.number}.</span>
            <span className="min-w-0 wrap-anywhere">
              <Link to={paths.runsOfWorker(one.workerName)}>
                <Name>{one.workerName}</Name>
              </Link>
            </span>
            <span className="min-w-0 wrap-anywhere narrow:col-start-2">
              <Ending job={run.jobName} attempt={one} />
              <span className="text-quiet">
                {' · '}
                <ExactTime at={one.assignedAt} />
                {one.endedAt != null && `, ${lasted(one, one.endedAt)}`}
              </span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

const lasted = ({ assignedAt }: RunTry, endedAt: string) =>
  formatDuration(Math.max(0, Date.parse(endedAt) - Date.parse(assignedAt)))

function Ending({ job, attempt }: { job: string; attempt: RunTry }) {
  const { ending, error, uuid } = attempt
  const words = describeTry(attempt)
  // “cancelled by alice” says the state, too.
  if (error?.startsWith(`${words} `)) return visibleText(error)
  const why = error == null ? '' : `: ${visibleText(error)}`
  if (ending !== 'STORED' && ending !== 'TIMED_OUT')
    return (
      <>
        {words}
        {why}
      </>
    )
  return (
    <>
      <Link to={paths.build(job, uuid)}>{words}</Link>
      {why}
    </>
  )
}
