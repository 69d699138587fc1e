import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { FeedLink } from '../ui/FeedLink.tsx'
import { Icon } from '../ui/Icon.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'

const SiteSummaryFragment = graphql(`
  fragment SiteSummary on Site {
    jobCount
    platformCount
    buildCount
    failingJobCount
    newestUploadAt
  }
`)

/** `1 job`, `1,204 builds`. */
function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`
}

/** `27 jobs · 4 platforms · 1,204 builds · last upload 12 minutes ago`, and how many jobs fail. */
export function SiteSummary(props: { site: FragmentType<typeof SiteSummaryFragment> }) {
  const site = readFragment(SiteSummaryFragment, props.site)
  const counts = [
    count(site.jobCount, 'job'),
    count(site.platformCount, 'platform'),
    count(site.buildCount, 'build'),
  ]
  return (
    <div className="flex flex-wrap justify-between gap-x-6 gap-y-1 text-small">
      <p className="text-quiet tabular-nums">
        {counts.join(' · ')}
        {site.newestUploadAt && (
          <>
            {' · last upload '}
            <RelativeTime at={site.newestUploadAt} />
          </>
        )}
      </p>
      <p className="flex items-center gap-4">
        <FeedLink to={paths.feed()} of="all builds" />
        {site.failingJobCount > 0 ? (
          <Link to={paths.failedBuilds} className="inline-flex items-center gap-1.5 text-bad">
            <Icon name="cross" /> {site.failingJobCount} failing
          </Link>
        ) : (
          <span className="inline-flex items-center gap-1.5 text-good">
            <Icon name="check" /> none failing
          </span>
        )}
      </p>
    </div>
  )
}
