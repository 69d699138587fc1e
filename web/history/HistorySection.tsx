import { Component, lazy, type ReactNode, Suspense } from 'react'

const JobHistory = lazy(async () => ({ default: (await import('./JobHistory.tsx')).JobHistory }))

/** The chart draws no more of them (`JobHistory.series`). */
const mostPlatforms = 12

/**
 * The charts of a job, loaded behind the page: its lists do not wait for them, and stay when they cannot be
 * had. The room that they take is kept free.
 */
export function HistorySection(props: { job: string; platform: string | null; platformCount: number }) {
  const { job, platform, platformCount } = props
  const room = <Room platformCount={platformCount} />
  return (
    <section aria-label="History" className="mt-8">
      <WithoutFailing>
        <Suspense fallback={room}>
          <JobHistory job={job} platform={platform} room={room} />
        </Suspense>
      </WithoutFailing>
    </section>
  )
}

/**
 * As high as the charts of so many platforms, or as one line without any. Each has a row of 18 pixels, on a narrow
 * screen of 30.
 */
function Room({ platformCount }: { platformCount: number }) {
  const rows = Math.min(platformCount, mostPlatforms)
  const chart = rows > 0 ? 'border-t border-line pb-[29.5rem] narrow:pb-[34rem]' : 'h-[1lh]'
  return (
    <div role="status" aria-label="Loading the history" className={`appear-late ${chart}`}>
      <div className="narrow:hidden" style={{ height: rows * 18 }} />
      <div className="wide:hidden" style={{ height: rows * 30 }} />
    </div>
  )
}

/** If the chart fails, a message replaces it, and the rest of the page works. */
class WithoutFailing extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false }
  static getDerivedStateFromError() {
    return { hasFailed: true }
  }
  override render() {
    if (!this.state.hasFailed) return this.props.children
    return <p className="text-quiet">The history could not be drawn. Reload the page to try again.</p>
  }
}
