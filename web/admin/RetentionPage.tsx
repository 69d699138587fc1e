import type { ApolloClient } from '@apollo/client'
import { Link } from 'react-router'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Name } from '../ui/Name.tsx'
import { Empty } from '../ui/Notice.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { ConfirmButton } from './ActButton.tsx'
import { AdminFrame, AdminSection, Facts } from './AdminFrame.tsx'
import { loadAdmin } from './load-admin.ts'
import { counted } from '../ui/counted.ts'

const AdminRetentionQuery = graphql(`
  query AdminRetention {
    admin {
      mayChange
      retention {
        file
        policy
        fault
        nextRunAt
        isRunning
        lastRunAt
        error
        forecast {
          at
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

const ApplyRetentionMutation = graphql(`
  mutation ApplyRetention {
    applyRetention {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

export const loadRetentionPage = (client: ApolloClient) => loadAdmin(client, AdminRetentionQuery, {})

const columns = [
  { name: 'Job' },
  { name: 'Builds', number: true },
  { name: 'Would be removed', number: true },
  { name: 'Bytes that become free', number: true },
]

/** The policy in force, what it would remove, and when. */
export function RetentionPage() {
  const loaded = useLoaded<typeof loadRetentionPage>()
  return (
    <AdminFrame title="Retention" command="hub vacuum policy --file FILE --dry-run" loaded={loaded}>
      {({ mayChange, retention }) =>
        retention.file === null ? (
          <Empty>
            All builds are kept: there is no policy. Write one, name it by <code>--retention-file</code>, and
            start the server again.
          </Empty>
        ) : (
          <>
            {retention.fault !== null && (
              <p role="status" className="mb-3 whitespace-pre-wrap text-bad wrap-anywhere">
                {retention.fault}
              </p>
            )}
            <Facts
              facts={[
                ['Policy', <code className="wrap-anywhere">{retention.file}</code>],
                [
                  'Next run',
                  retention.isRunning ? (
                    'runs now'
                  ) : retention.nextRunAt === null ? (
                    'none is planned'
                  ) : (
                    <RelativeTime at={retention.nextRunAt} />
                  ),
                ],
                [
                  'Last run',
                  retention.lastRunAt === null ? 'none yet' : <ExactTime at={retention.lastRunAt} />,
                ],
                ...(retention.error === null
                  ? []
                  : [['Error', <span className="text-bad wrap-anywhere">{retention.error}</span>] as const]),
              ]}
            />
            {retention.policy !== null && (
              <div className="mt-3">
                <CodeBlock text={retention.policy} label="The policy" />
              </div>
            )}
            {retention.forecast && <Forecast forecast={retention.forecast} mayChange={mayChange} />}
          </>
        )
      }
    </AdminFrame>
  )
}

type ForecastFacts = {
  removedCount: number
  freedBytes: number
  jobCount: number
  unknownBecause: string | null
  jobs: { jobName: string; buildCount: number; removedCount: number; freedBytes: number }[]
}

function Forecast({ forecast, mayChange }: { forecast: ForecastFacts; mayChange: boolean }) {
  const { removedCount, freedBytes, jobCount, jobs, unknownBecause } = forecast
  return (
    <AdminSection title="What it would remove now">
      {unknownBecause !== null ? (
        <p className="text-quiet">Not known now: {unknownBecause}</p>
      ) : removedCount === 0 ? (
        <p className="text-quiet">Nothing: all builds are kept.</p>
      ) : (
        <>
          <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
            <p>
              {counted(removedCount, 'build')} of {counted(jobCount, 'job')}, <ByteSize bytes={freedBytes} />
              {jobCount > jobs.length && `; the ${jobs.length} jobs with the most bytes:`}
            </p>
            {mayChange && (
              <ConfirmButton
                label="Apply it now"
                title="Apply the policy now?"
                mutation={ApplyRetentionMutation}
                variables={() => ({})}
              >
                <p>
                  {counted(removedCount, 'build')} of {counted(jobCount, 'job')} are removed for good. Their
                  addresses lead to a page that says so. <ByteSize bytes={freedBytes} /> become free within
                  two days.
                </p>
              </ConfirmButton>
            )}
          </div>
          <Table label="What would be removed" columns={columns}>
            {jobs.map((job) => (
              <Row key={job.jobName}>
                <Cell className="name whole-line wide:w-full">
                  <Link to={paths.job(job.jobName)}>
                    <Name>{job.jobName}</Name>
                  </Link>
                </Cell>
                <Cell number>
                  {job.buildCount.toLocaleString('en-US')}
                  <span className="wide:hidden"> {job.buildCount === 1 ? 'build' : 'builds'}</span>
                </Cell>
                <Cell number>
                  {job.removedCount.toLocaleString('en-US')}
                  <span className="wide:hidden"> removed</span>
                </Cell>
                <Cell number>
                  <ByteSize bytes={job.freedBytes} />
                </Cell>
              </Row>
            ))}
          </Table>
        </>
      )}
    </AdminSection>
  )
}
