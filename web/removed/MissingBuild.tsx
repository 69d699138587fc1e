import { useQuery } from '@apollo/client/react'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { isUuid } from '../address/uuid.ts'
import type { RemovedBuildQuery as Data } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Hash } from '../ui/Hash.tsx'
import { Name } from '../ui/Name.tsx'
import { Notice } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { Skeleton } from '../ui/Skeleton.tsx'
import { formatUtc } from '../ui/time.ts'
import { visibleName, visibleText } from '../ui/visible-text.ts'

const RemovedBuildQuery = graphql(`
  query RemovedBuild($uuid: UUID!) {
    removedBuild(uuid: $uuid) {
      uuid
      jobName
      platformName
      status
      startedAt
      inputId
      mainBinary {
        path
        sha256
        sizeBytes
      }
      verdict
      reproducedCount
      removedAt
      reason
      newestBuild {
        id
        uuid
        startedAt
        platform {
          id
          name
        }
      }
    }
  }
`)

type Removed = NonNullable<Data['removedBuild']>

/**
 * The page of a build that is not stored: what is left of it if it was removed. `job`: the one that it must be of.
 * `otherwise` is shown if there was no such build.
 */
export function MissingBuild(props: { job?: string; uuid: string; otherwise: ReactNode }) {
  const { job, uuid, otherwise } = props
  const { data, loading } = useQuery(RemovedBuildQuery, { variables: { uuid }, skip: !isUuid(uuid) })
  if (loading) return <Skeleton />
  const removed = data?.removedBuild
  if (!removed || (job !== undefined && removed.jobName !== job)) return otherwise
  return <RemovedBuild removed={removed} />
}

function RemovedBuild({ removed }: { removed: Removed }) {
  const { uuid, jobName, platformName, mainBinary, newestBuild } = removed
  return (
    <Notice title="This build was removed">
      <PageTitle>{`${visibleName(jobName)} on ${visibleName(platformName)}, ${formatUtc(removed.startedAt)}: removed · Builder Hub`}</PageTitle>
      <p className="text-text">
        <Name>{jobName}</Name> on <Name>{platformName}</Name>. {describeVerdict(removed)}
      </p>
      {newestBuild ? (
        <p>
          <Link to={paths.build(jobName, newestBuild.uuid)} className="control control-main">
            See the newest build
          </Link>{' '}
          on <Name>{newestBuild.platform.name}</Name>, of <ExactTime at={newestBuild.startedAt} />.
        </p>
      ) : (
        <p>The job has no other build with a main binary.</p>
      )}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 wide:gap-x-8">
        <Fact name="Removed">
          <ExactTime at={removed.removedAt} />
        </Fact>
        {removed.reason !== '' && (
          <Fact name="Why">
            <span className="wrap-anywhere">{visibleText(removed.reason)}</span>
          </Fact>
        )}
        <Fact name="Started">
          <ExactTime at={removed.startedAt} />
        </Fact>
        <Fact name="Result">{removed.status === 'SUCCEEDED' ? 'succeeded' : 'failed'}</Fact>
        {mainBinary && (
          <Fact name="Main binary">
            <code className="wrap-anywhere">
              <Name>{mainBinary.path}</Name>
            </code>
            , <ByteSize bytes={mainBinary.sizeBytes} />
          </Fact>
        )}
        {mainBinary && (
          <Fact name="SHA-256">
            <Hash value={mainBinary.sha256} of="the main binary" to={paths.hash(mainBinary.sha256)} />
          </Fact>
        )}
        {removed.inputId !== null && (
          <Fact name="Input id">
            <Hash value={removed.inputId} of="the inputs" />
          </Fact>
        )}
        <Fact name="UUID">
          <code className="break-all">{uuid}</code>
        </Fact>
      </dl>
    </Notice>
  )
}

/** What other builds said of its main binary. */
function describeVerdict({ verdict, reproducedCount }: Removed): string {
  switch (verdict) {
    case 'NO_OUTPUT':
      return 'It had no main binary.'
    case 'REPRODUCED':
      return `It was repeated here ×${reproducedCount + 1}.`
    case 'NOT_REPRODUCIBLE':
      return 'It was not reproducible: builds with the same input had another main binary.'
    case 'UNCONFIRMED':
      return 'It was not repeated.'
  }
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="py-0.5 text-quiet">{name}</dt>
      <dd className="py-0.5 text-text">{children}</dd>
    </>
  )
}
