import { counted } from '../../counted.ts'
import { formatByteSize } from '../../byte-size.ts'
import { graphql } from '../../generated/operations/gql.ts'
import { visibleLine } from '../visible-line.ts'
import { RemoteSiteError, type RemoteSite } from './remote-site.ts'

const forecastDocument = graphql(`
  query CommandRetention {
    admin {
      retention {
        file
        fault
        forecast {
          removedCount
          freedBytes
          jobCount
          unknownBecause
          jobs {
            jobName
            buildCount
            removedCount
            freedBytes
          }
        }
      }
    }
  }
`)

const applyDocument = graphql(`
  mutation CommandApplyRetention {
    applyRetention {
      ... on ApplyRetentionSuccess {
        isQueued
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

/** What the retention policy of a site would remove now. */
export type RemoteForecast = {
  removedCount: number
  freedBytes: number
  jobCount: number
  /** The jobs of which most bytes go, at most 100. */
  jobs: readonly { jobName: string; buildCount: number; removedCount: number; freedBytes: number }[]
}

/** Throws RemoteSiteError, also if the site has no policy, or one with a fault. */
export async function forecastRetentionAt(site: RemoteSite): Promise<RemoteForecast> {
  const { admin } = await site.ask(forecastDocument, {})
  const { fault, forecast } = admin?.retention ?? { fault: null, forecast: null }
  if (fault !== null) throw new RemoteSiteError(fault)
  if (!forecast) throw new RemoteSiteError(`${site.url} has no retention policy: all builds are kept`)
  const { unknownBecause, ...known } = forecast
  if (unknownBecause !== null) throw new RemoteSiteError(unknownBecause)
  return known
}

/** Lets the server of a site apply its policy now. */
export async function applyRetentionAt(site: RemoteSite): Promise<void> {
  await site.act(applyDocument, {})
}

/** `hello: 3 of 10 builds, 1.5 MiB`, a line for each job, and the sum. */
export function describeForecast({ freedBytes, jobCount, jobs, removedCount }: RemoteForecast): string {
  const lines = jobs.map((job) =>
    visibleLine(
      `${job.jobName}: ${job.removedCount} of ${counted(job.buildCount, 'build')}, ${formatByteSize(job.freedBytes)}`,
    ),
  )
  const more = jobCount > jobs.length ? `and ${counted(jobCount - jobs.length, 'more job')}\n` : ''
  return `${lines.join('')}${more}${counted(removedCount, 'build')} would be removed, and ${formatByteSize(freedBytes)} become free\n`
}
