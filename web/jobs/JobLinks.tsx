import { describeFeed } from '../builds/BuildFilters.tsx'
import { type FeedFilter, paths } from '../paths.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { FeedLink } from '../ui/FeedLink.tsx'

/** The feed of a job, of the builds that `feed` asks for, and its badge as Markdown for a readme. */
export function JobLinks({ job, feed }: { job: string; feed: FeedFilter }) {
  const badge = paths.badge(job)
  const markdown = () => {
    const { origin } = window.location
    return `[![Builder Hub](${origin}${badge})](${origin}${paths.job(job)})`
  }
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <span className="flex items-center gap-1">
        <a href={badge} className="text-small">
          Badge
        </a>
        <CopyButton text={markdown} what="the badge as Markdown" />
      </span>
      <FeedLink to={paths.jobFeed(job, feed)} of={describeFeed(feed, job)} />
    </div>
  )
}
