import { Link } from 'react-router'
import { describeOutcome } from '../outcomes/result.ts'
import { Verdict } from '../outcomes/Verdict.tsx'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { MorePlatforms } from '../ui/MorePlatforms.tsx'
import { paths } from '../paths.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { describeShortly } from '../solo5/describe.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { Hash } from '../ui/Hash.tsx'
import { Icon } from '../ui/Icon.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row } from '../ui/Table.tsx'
import { Name } from '../ui/Name.tsx'
import { visibleName } from '../ui/visible-text.ts'

const HomeBuildFragment = graphql(`
  fragment HomeBuild on Build {
    id
    uuid
    startedAt
    mainBinary {
      id
      path
      sizeBytes
      sha256
    }
    ...BuildOutcome
    ...BuildVerdict
  }
`)

export const JobEntryFragment = graphql(`
  fragment JobEntry on Job {
    id
    name
    synopsis
    solo5 {
      target
      netDevices
      blockDevices
    }
    platformCount
    standings {
      platform {
        id
        name
      }
      newestBuild {
        ...HomeBuild
      }
      newestSuccess {
        id
        uuid
        startedAt
      }
    }
  }
`)

/** A job's name and synopsis, beside them its newest build on each platform. */
export function JobEntry(props: { job: FragmentType<typeof JobEntryFragment> }) {
  const job = readFragment(JobEntryFragment, props.job)
  return (
    <tbody role="rowgroup" className="group-of-entries">
      {job.standings.map(({ platform, newestBuild, newestSuccess }, index) => {
        const build = readFragment(HomeBuildFragment, newestBuild)
        const { good, word, brief } = describeOutcome(build)
        const binary = build.mainBinary
        const lastGood = newestSuccess?.id === build.id ? null : newestSuccess
        return (
          <Row key={build.id}>
            {index === 0 && (
              <th
                role="rowheader"
                scope="rowgroup"
                rowSpan={job.standings.length}
                className="group-head align-top font-normal narrow:pb-1.5 roomy:leading-6"
              >
                <Link to={paths.job(job.name)} className="font-semibold wrap-anywhere">
                  <Name>{job.name}</Name>
                </Link>
                {job.synopsis && <span className="line-clamp-2 text-small text-quiet">{job.synopsis}</span>}
                <MorePlatforms all={job.platformCount} listed={job.standings.length} />
                {job.solo5 && (
                  <span className="line-clamp-2 text-small wrap-anywhere text-quiet">
                    {describeShortly(job.solo5)}
                  </span>
                )}
              </th>
            )}
            <Cell>
              <span className="flex items-start gap-2">
                <Icon name={good ? 'check' : 'cross'} className={`my-1 ${good ? 'text-good' : 'text-bad'}`} />
                <Link to={paths.platform(platform.name)} className="min-w-0 wrap-anywhere">
                  <Name>{platform.name}</Name>
                </Link>
              </span>
            </Cell>
            {/* Without a binary the reason has its room. */}
            <Cell className="rest-of-line" colSpan={binary ? undefined : 4}>
              <Link to={paths.build(job.name, build.uuid)} {...rowLink}>
                {word.toLowerCase()} <RelativeTime at={build.startedAt} />
              </Link>
              {!good && <span className="wrap-anywhere text-bad">: {brief}</span>}
            </Cell>
            {binary && (
              <>
                <Cell number>
                  <ByteSize bytes={binary.sizeBytes} />
                </Cell>
                <Cell>
                  <Hash value={binary.sha256} of={`${job.name} on ${platform.name}`} />
                </Cell>
                <Cell className="to-the-end">
                  <a
                    href={paths.artifact(job.name, build.uuid, binary.path)}
                    className="icon-button text-accent"
                    aria-label={`Download ${visibleName(binary.path)} from ${visibleName(platform.name)}`}
                    title={`Download ${visibleName(binary.path)}`}
                  >
                    <Icon name="download" />
                  </a>
                </Cell>
              </>
            )}
            <Cell className="whole-row">
              {binary && (
                <Link
                  to={`${paths.build(job.name, build.uuid)}#reproductions`}
                  className="text-small leading-6"
                >
                  <Verdict of={build} />
                </Link>
              )}
              {lastGood && (
                <Link to={paths.build(job.name, lastGood.uuid)} className="text-small leading-6">
                  last good <RelativeTime at={lastGood.startedAt} /> <Icon name="forward" />
                </Link>
              )}
            </Cell>
          </Row>
        )
      })}
    </tbody>
  )
}
