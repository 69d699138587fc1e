import { Fragment } from 'react'
import { Link } from 'react-router'
import { shortGrade } from '../outcomes/short-grade.ts'
import type { OutputGroupFragment as Output } from '../gql/graphql.ts'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { UtcDay } from '../ui/UtcDay.tsx'
import { formatDuration } from '../ui/duration.ts'
import { Hash } from '../ui/Hash.tsx'
import { Icon } from '../ui/Icon.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { formatDay } from '../ui/time.ts'
import { OutputChange } from './OutputChange.tsx'
import { Name } from '../ui/Name.tsx'

const OutputBuildFragment = graphql(`
  fragment OutputBuild on Build {
    id
    uuid
    status
    startedAt
    durationMs
    platform {
      id
      name
    }
  }
`)

export const OutputGroupFragment = graphql(`
  fragment OutputGroup on JobOutput {
    sha256
    sizeBytes
    version
    buildCount
    grade {
      kind
      words
      builders
    }
    firstStartedAt
    newestStartedAt
    changeResourcePath
    newestBuilds {
      ...OutputBuild
    }
  }
`)

/**
 * Builds by what they gave, the newest output first, and between them the moments of change.
 * `headlines`: the changes that are known yet in half a line, each by the hash of the output that it led to.
 */
export function OutputGroups(props: {
  job: string
  outputs: readonly FragmentType<typeof OutputGroupFragment>[]
  headlines: ReadonlyMap<string, string>
  isFirstPage: boolean
}) {
  const outputs = readFragment(OutputGroupFragment, props.outputs)
  return (
    <ol aria-label={`Outputs of ${props.job}`} className="border-t border-line">
      {outputs.map((output, index) => {
        const older = outputs[index + 1]
        return (
          <Fragment key={output.sha256}>
            <OutputEntry job={props.job} output={output} isCurrent={props.isFirstPage && index === 0} />
            {older && output.changeResourcePath !== null && (
              <OutputChange
                path={output.changeResourcePath}
                sizes={{ older: older.sizeBytes, newer: output.sizeBytes }}
                headline={props.headlines.get(output.sha256) ?? null}
              />
            )}
          </Fragment>
        )
      })}
    </ol>
  )
}

function OutputEntry({ job, output, isCurrent }: { job: string; output: Output; isCurrent: boolean }) {
  const { sha256, sizeBytes, version, buildCount, grade } = output
  const { firstStartedAt: since, newestStartedAt: until } = output
  const builds = readFragment(OutputBuildFragment, output.newestBuilds)
  const newest = builds.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0]
  const shown = shortGrade(grade)
  return (
    <li className="py-3">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-1">
        {version !== null && (
          <strong className="min-w-14 font-semibold wrap-anywhere tabular-nums">{version}</strong>
        )}
        <Hash value={sha256} of="this output" to={paths.hash(sha256)} />
        <ByteSize bytes={sizeBytes} />
        <span className="text-quiet">
          {isCurrent ? 'first built ' : ''}
          <UtcDay at={since} />
          {!isCurrent && formatDay(since) !== formatDay(until) && (
            <>
              {' – '}
              <UtcDay at={until} />
            </>
          )}
        </span>
        <span className="tabular-nums">
          {buildCount.toLocaleString('en-US')} {buildCount === 1 ? 'build' : 'builds'}
        </span>
        <span title={grade.words} className={`inline-flex items-center gap-1.5 ${shown.tone}`}>
          <Icon name={shown.sign} /> {shown.words}
        </span>
        {newest && (
          <a
            href={paths.mainBinary(job, newest.uuid)}
            className="icon-button ml-auto text-accent"
            aria-label={`Download the output of ${formatDay(until)}`}
            title="Download"
          >
            <Icon name="download" />
          </a>
        )}
      </div>
      <ul className="mt-1 flex flex-wrap gap-x-8 gap-y-1">
        {builds.map((build) => (
          <li key={build.id} className="flex items-center gap-2">
            <Icon
              name={build.status === 'SUCCEEDED' ? 'check' : 'cross'}
              className={build.status === 'SUCCEEDED' ? 'text-good' : 'text-bad'}
            />
            <Link to={paths.platform(build.platform.name)} className="wrap-anywhere">
              <Name>{build.platform.name}</Name>
            </Link>
            <Link to={paths.build(job, build.uuid)} {...rowLink}>
              <RelativeTime at={build.startedAt} />
            </Link>
            <span className="text-quiet tabular-nums">{formatDuration(build.durationMs)}</span>
          </li>
        ))}
        {buildCount > builds.length && (
          <li>
            <Link to={paths.search(sha256)} className="inline-flex items-center gap-0.5">
              {(buildCount - builds.length).toLocaleString('en-US')} more{' '}
              <Icon name="forward" className="size-3.5" />
            </Link>
          </li>
        )}
      </ul>
    </li>
  )
}
