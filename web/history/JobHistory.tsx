import { useQuery } from '@apollo/client/react'
import { type ReactNode, useMemo } from 'react'
import { Link, useSearchParams } from 'react-router'
import { Picture } from '../charts/Picture.tsx'
import { useViewParameter } from '../charts/use-view-parameter.ts'
import { graphql } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { formatByteSize } from '../ui/byte-size.ts'
import { formatDuration } from '../ui/duration.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { type History, type Measure, measures, mostPoints } from './history.ts'
import { HistoryChart } from './HistoryChart.tsx'
import { HistoryTable } from './HistoryTable.tsx'
import { toRows } from './rows.ts'
import { describeExtent, summarize } from './words.ts'
import { Name } from '../ui/Name.tsx'

const JobHistoryQuery = graphql(`
  query JobHistoryPart($name: String!, $platform: String, $mostPoints: Int!) {
    job(name: $name) {
      id
      history(platform: $platform, maxPoints: $mostPoints) {
        interval
        platformCount
        series {
          platform {
            id
            name
          }
          points {
            startsAt
            endsAt
            buildCount
            failedCount
            reproducedCount
            notReproducibleCount
            unconfirmedCount
            sizeBytes
            minSizeBytes
            maxSizeBytes
            meanDurationMs
            minDurationMs
            maxDurationMs
            outputChanged
            change {
              resourcePath
            }
            resourcePath
          }
        }
      }
    }
  }
`)

/** A platform keeps its colour, whichever was built on last. */
function byName(left: History['series'][number], right: History['series'][number]): number {
  return left.platform.name < right.platform.name ? -1 : 1
}

/** Size, duration and outcome of a job's builds over time. `room`: shown until they are there. */
export function JobHistory(props: { job: string; platform: string | null; room: ReactNode }) {
  const { job, platform, room } = props
  const { data, previousData, error } = useQuery(JobHistoryQuery, {
    variables: { name: job, platform, mostPoints },
    fetchPolicy: 'cache-and-network',
  })
  if (error) throw new Error(error.message)
  // While another platform is being loaded, the chart stays.
  const found = (data ?? previousData)?.job?.history
  const history = useMemo(() => found && { ...found, series: found.series.toSorted(byName) }, [found])
  if (!history) return room
  const points = history.series.flatMap((series) => series.points)
  const [only] = points
  if (!only)
    return platform ? (
      <p className="text-quiet">
        No build on <Name>{platform}</Name> yet.
      </p>
    ) : null
  if (points.length === 1 && only.buildCount === 1) return <OneBuild history={history} />
  return <Charts job={job} platform={platform} history={history} />
}

/** Nothing has a course yet: the facts, and when there will be one. */
function OneBuild({ history }: { history: History }) {
  const [series] = history.series
  const [point] = series?.points ?? []
  if (!series || !point) return null
  const facts = [
    point.failedCount > 0 ? 'failed' : 'succeeded',
    point.sizeBytes == null ? 'no main binary' : formatByteSize(point.sizeBytes),
    point.meanDurationMs == null ? null : formatDuration(point.meanDurationMs),
  ]
  return (
    <p className="text-quiet wrap-anywhere">
      One build so far, <RelativeTime at={point.startsAt} /> on {series.platform.name}:{' '}
      <Link to={point.resourcePath} className="underline">
        {facts.filter(Boolean).join(', ')}
      </Link>
      . From the second on, a chart stands here.
    </p>
  )
}

const labels: Record<Measure | 'both', string> = { both: 'Both', size: 'Size', duration: 'Duration' }

function Charts({ job, platform, history }: { job: string; platform: string | null; history: History }) {
  const [search] = useSearchParams()
  const [chart, setChart] = useViewParameter('chart')
  const chosen = measures.find((measure) => measure === chart) ?? 'both'
  const shown = chosen === 'both' ? measures : [chosen]

  return (
    <Picture
      name="history"
      title="History"
      fullTitle={`History of ${job}`}
      summary={
        <p className="max-w-[75ch]">
          {summarize(history)} {describeExtent(history)}
        </p>
      }
      fileName={[job, 'history', ...(chosen === 'both' ? [] : [chosen]), ...(platform ? [platform] : [])]}
      data={() => ({ rows: toRows(job, history, location.href) })}
      table={() => <HistoryTable job={job} history={history} />}
      permalink={() => {
        const address = new URLSearchParams(search)
        // Where the reader is in the lists below is not part of this view.
        for (const parameter of ['after', 'before', 'view', 'status', 'verdict']) address.delete(parameter)
        const query = address.toString()
        return `${paths.job(job)}${query && `?${query}`}#history`
      }}
      controls={
        <div role="group" aria-label="Charts" className="flex gap-1">
          {(['both', ...measures] as const).map((one) => (
            <button
              key={one}
              type="button"
              className="control"
              aria-pressed={chosen === one}
              onClick={() => setChart(one === 'both' ? null : one)}
            >
              {labels[one]}
            </button>
          ))}
        </div>
      }
    >
      <HistoryChart job={job} history={history} measures={shown} />
    </Picture>
  )
}
