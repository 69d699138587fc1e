import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { paths } from '../paths.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { formatDuration } from '../ui/duration.ts'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Icon } from '../ui/Icon.tsx'
import { Name } from '../ui/Name.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { RunProgress } from './RunProgress.tsx'
import { currentTry, describeRun, describeWaiting, repeatedRun, type Run, runCauses } from './run-words.ts'

/** The answer before the data: how far the run is, why it waits, and how long it takes. Below it, the console has to fit. */
export function RunSummary({ run }: { run: Run }) {
  const { sign, tone, words } = describeRun(run)
  const attempt = currentTry(run)
  const waiting = describeWaiting(run)
  return (
    <div className="mt-3 rounded-md border border-line bg-raised px-4 py-3">
      <p role="status" className="flex items-start gap-2.5 text-title font-semibold">
        <Icon name={sign} className={`mt-1 scale-125 ${tone}`} />
        <span className={`min-w-0 wrap-anywhere ${tone}`}>{visibleText(words)}</span>
      </p>
      {waiting !== null && <p className="mt-1 wrap-anywhere">{visibleText(waiting)}</p>}
      {run.error != null && <p className="mt-1 wrap-anywhere">{visibleText(run.error)}</p>}
      {attempt && (run.state === 'RUNNING' || run.state === 'ASSIGNED') && (
        <RunProgress
          startedAt={attempt.startedAt ?? attempt.assignedAt}
          medianMs={run.medianDurationMs ?? null}
        />
      )}
      {run.build && (
        <p className="mt-2">
          <Link to={paths.build(run.build.job.name, run.build.uuid)} className="control">
            Open the build
          </Link>
        </p>
      )}
    </div>
  )
}

/** What else is known of a run. */
export function RunFacts({ run }: { run: Run }) {
  return (
    <section aria-labelledby="facts" className="mt-6">
      <h2 id="facts">About this run</h2>
      <dl className="mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 wide:gap-x-8">
        <Fact name="Queued">
          <ExactTime at={run.queuedAt} />
          <span className="text-quiet">
            {' · '}
            <RelativeTime at={run.queuedAt} />
          </span>
        </Fact>
        <Fact name="Because">
          <Cause run={run} />
        </Fact>
        {run.notBefore != null && (
          <Fact name="Not before">
            <ExactTime at={run.notBefore} />
          </Fact>
        )}
        {run.endedAt != null && (
          <Fact name="Ended">
            <ExactTime at={run.endedAt} />
          </Fact>
        )}
        <Fact name="Others">
          <Link to={paths.scheduleOf(run.jobName)}>
            Schedule and runs of <Name>{run.jobName}</Name>
          </Link>
        </Fact>
        <Fact name="Time limit">{formatDuration(run.timeoutSeconds * 1_000)}</Fact>
        <Fact name="UUID">
          <span className="flex items-center">
            <code className="break-all">{run.uuid}</code>
            <CopyButton text={run.uuid} what="UUID" />
          </span>
        </Fact>
      </dl>
    </section>
  )
}

function Cause({ run }: { run: Run }) {
  const repeated = repeatedRun(run)
  return (
    <span className="wrap-anywhere">
      {runCauses[run.cause]}
      {run.requestedBy != null && (
        <>
          {' by '}
          <Name>{run.requestedBy}</Name>
        </>
      )}
      {repeated === null ? (
        run.reason != null && run.reason !== '' && `: ${visibleText(run.reason)}`
      ) : (
        <>
          {', after '}
          <Link to={paths.run(repeated)}>an earlier run</Link>
        </>
      )}
    </span>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-quiet">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}
