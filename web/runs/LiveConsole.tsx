import { type Ref, useState } from 'react'
import { Link, useLocation } from 'react-router'
import { type ConsoleView, ConsoleViewer } from '../console/ConsoleViewer.tsx'
import { parseLineRange } from '../console/line-range.ts'
import { paths } from '../paths.ts'
import { Empty } from '../ui/Notice.tsx'
import { hasEnded, type Run } from './run-words.ts'
import type { RunStream } from './use-run-stream.ts'

/** What a run prints, while it prints it. Shown once a worker has the run. */
export function LiveConsole({
  ref,
  run,
  stream,
  onLook,
  isFull,
}: {
  ref: Ref<HTMLElement>
  run: Run
  stream: RunStream
  onLook: (look: () => ConsoleView) => void
  isFull: boolean
}) {
  const { console, attempt, isConnected } = stream
  const { hash } = useLocation()
  const [namesLine] = useState(() => parseLineRange(hash) !== null)
  if (run.tries.length === 0) return null
  return (
    <section
      ref={ref}
      aria-labelledby="console"
      className={isFull ? 'full-height flex min-h-64 flex-1 flex-col' : 'mt-5 scroll-mt-2'}
    >
      <h2 id="console" className="mb-2 flex flex-wrap items-baseline gap-x-3 scroll-mt-4">
        Console
        {!isConnected && (
          <span role="status" className="text-small font-normal text-warn">
            The connection to the server is broken. It is tried again.
          </span>
        )}
      </h2>
      {attempt === null ? (
        <Empty>
          <WhereLinesAre run={run} />
        </Empty>
      ) : (
        <div
          role="group"
          aria-label="Lines of the console"
          className={`flex flex-col ${isFull ? 'min-h-0 flex-1' : 'h-[max(16rem,100dvh-22rem)]'}`}
        >
          <ConsoleViewer
            key={attempt}
            loaded={console}
            rawUrl={null}
            onRetry={() => {}}
            openAt={namesLine ? null : 'end'}
            startedAt={null}
            onLook={onLook}
            isFull={isFull}
          />
        </div>
      )}
    </section>
  )
}

/** In place of lines that this page does not have. */
function WhereLinesAre({ run }: { run: Run }) {
  if (!hasEnded(run)) return 'Nothing was printed yet.'
  if (!run.build) return 'The run made no build: what it printed is not kept.'
  return (
    <>
      The run has ended: its lines are{' '}
      <Link to={`${paths.build(run.build.job.name, run.build.uuid)}#console`}>on the page of the build</Link>.
    </>
  )
}
