import { type PreloadedQueryRef, useReadQuery } from '@apollo/client/react'
import { Link } from 'react-router'
import { CheckLine } from '../check/CheckLine.tsx'
import type { JobCardQuery as Card, JobPageQuery } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { gradeLooks } from '../hash/grade-looks.ts'
import { describeOutcome } from '../outcomes/result.ts'
import { paths } from '../paths.ts'
import { describeShortly } from '../solo5/describe.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Icon } from '../ui/Icon.tsx'
import { MorePlatforms } from '../ui/MorePlatforms.tsx'
import { Name } from '../ui/Name.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'

export const JobCardQuery = graphql(`
  query JobCard($name: String!, $platform: String) {
    job(name: $name) {
      id
      solo5 {
        target
        netDevices
        blockDevices
      }
      outputs(first: 1, platform: $platform) {
        nodes {
          sha256
          sizeBytes
          version
          grade {
            kind
            words
          }
          newestBuild {
            id
            uuid
            mainBinary {
              id
              path
            }
            ...CheckLine
          }
        }
      }
    }
  }
`)

type Job = NonNullable<JobPageQuery['job']>
type Standing = Job['standings'][number]

/** The answer first: how well the newest output is confirmed, where to get it, and how the job stands on each platform. */
export function JobCard({ job, query }: { job: Job; query: PreloadedQueryRef<Card> }) {
  const card = useReadQuery(query).data.job
  const output = card?.outputs.nodes[0]
  const looks = output && gradeLooks[output.grade.kind]
  return (
    <section aria-label="Newest output" className="mt-4 rounded-md border border-line bg-raised">
      {output && looks && (
        <div className="grid gap-x-6 gap-y-3 p-4 wide:grid-cols-[minmax(0,1fr)_18rem]">
          <div className="min-w-0">
            <p className={`flex items-start gap-2.5 text-title font-semibold ${looks.tone}`}>
              <Icon name={looks.sign} className="mt-1 scale-125" />
              <span className="min-w-0 wrap-anywhere">{output.grade.words}</span>
            </p>
            <p className="mt-1 flex items-start gap-1 pl-6.5">
              <Link to={paths.hash(output.sha256)} className="min-w-0">
                <WholeHash value={output.sha256} />
              </Link>
              <CopyButton text={output.sha256} what="SHA-256 of the newest output" />
            </p>
          </div>
          <div className="min-w-0 wide:text-right">
            {output.newestBuild.mainBinary && (
              <>
                <a
                  href={paths.artifact(job.name, output.newestBuild.uuid, output.newestBuild.mainBinary.path)}
                  className="control control-main"
                >
                  <Icon name="download" /> Download
                </a>
                <p className="mt-1.5 wrap-anywhere">
                  <Name>{output.newestBuild.mainBinary.path.split('/').at(-1) ?? ''}</Name> {output.version}{' '}
                  <span className="text-quiet">
                    <ByteSize bytes={output.sizeBytes} />
                  </span>
                </p>
              </>
            )}
            {card.solo5 && <p className="text-small text-quiet">runs on {describeShortly(card.solo5)}</p>}
            <CheckLine build={output.newestBuild} />
          </div>
        </div>
      )}
      <ul aria-label="Platforms" className="divide-y divide-line border-line not-first:border-t">
        {job.standings.map((standing) => (
          <PlatformLine
            key={standing.platform.id}
            job={job.name}
            standing={standing}
            current={output?.sha256 ?? null}
          />
        ))}
      </ul>
      <MorePlatforms all={job.platformCount} listed={job.standings.length} />
    </section>
  )
}

/** `current`: the newest output of the job. */
function PlatformLine({
  job,
  standing,
  current,
}: {
  job: string
  standing: Standing
  current: string | null
}) {
  const { platform, newestBuild, newestSuccess } = standing
  const { good, word, brief } = describeOutcome(newestBuild)
  const sha256 = newestBuild.mainBinary?.sha256 ?? null
  return (
    <li className="flex flex-wrap items-baseline gap-x-4 px-4 py-1.5">
      <span className="flex min-w-32 items-baseline gap-2">
        <Icon name={good ? 'check' : 'cross'} className={`self-center ${good ? 'text-good' : 'text-bad'}`} />
        <Link to={paths.platform(platform.name)} className="wrap-anywhere">
          <Name>{platform.name}</Name>
        </Link>
      </span>
      <span className="min-w-0 grow wrap-anywhere">
        {!good && <span className="text-bad">failing: </span>}
        <Link to={paths.build(job, newestBuild.uuid)}>
          {good ? word.toLowerCase() : brief} <RelativeTime at={newestBuild.startedAt} />
        </Link>
        {good && sha256 !== null && current !== null && (
          <span className="text-quiet">
            {sha256 === current
              ? ', this output'
              : `, another output${newestBuild.version === null ? '' : `: ${newestBuild.version}`}`}
          </span>
        )}
      </span>
      {!good && newestSuccess && (
        <Link
          to={paths.build(job, newestSuccess.uuid)}
          className="inline-flex items-center gap-1 whitespace-nowrap"
        >
          last good <RelativeTime at={newestSuccess.startedAt} /> <Icon name="forward" className="size-3.5" />
        </Link>
      )}
    </li>
  )
}

/** A hash in four groups, which can be compared by eye. */
function WholeHash({ value }: { value: string }) {
  return (
    <code className="wrap-anywhere text-quiet">
      <span className="sr-only">{value}</span>
      <span aria-hidden="true">{value.match(/.{16}/g)?.join(' ')}</span>
    </code>
  )
}
