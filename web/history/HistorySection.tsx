import { Component, lazy, type ReactNode, Suspense } from 'react'

const JobHistory = lazy(async () => ({ default: (await import('./JobHistory.tsx')).JobHistory }))

/**
 * The charts of a job, loaded behind the page: its lists do not wait for them, and stay when they cannot be
 * had. The room that they take is kept free.
 */
export function HistorySection({ job, platform }: { job: string; platform: string | null }) {
  return (
    <section aria-label="History" className="mt-5">
      <WithoutFailing>
        <Suspense fallback={<Room />}>
          <JobHistory job={job} platform={platform} room={<Room />} />
        </Suspense>
      </WithoutFailing>
    </section>
  )
}

/** As high as the charts of one platform. */
function Room() {
  return (
    <div
      role="status"
      aria-label="Loading the history"
      className="appear-late h-[28rem] border-t border-line"
    />
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
