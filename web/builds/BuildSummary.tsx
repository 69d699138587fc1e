import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { formatDuration } from '../ui/duration.ts'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Hash } from '../ui/Hash.tsx'
import { Icon } from '../ui/Icon.tsx'
import { LongText } from '../ui/LongText.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { BuiltByWorker } from './BuiltByWorker.tsx'
import { FailureReason } from './FailureReason.tsx'
import { ContentsLine } from '../advisories/ContentsLine.tsx'
import { TrustLine } from '../check/TrustLine.tsx'
import { CheckLine } from '../check/CheckLine.tsx'
import { OutputChanges } from './OutputChanges.tsx'
import { describeOutcome } from '../outcomes/result.ts'
import { describeRelations, FailureLinks, type Relations, RelationsDetails } from './BuildRelations.tsx'
import { Name } from '../ui/Name.tsx'
import { visibleText } from '../ui/visible-text.ts'

const BuildSummaryFragment = graphql(`
  fragment BuildSummary on Build {
    uuid
    startedAt
    finishedAt
    durationMs
    clockAheadMs
    receivedAt
    uploadedBy
    importedFrom
    inputId
    pin {
      pinnedAt
      reason
    }
    job {
      id
      name
    }
    mainBinary {
      id
      path
      sizeBytes
      sha256
    }
    ...BuildOutcome
    ...FailureReason
    ...CheckLine
    ...ContentsLine
    ...TrustLine
  }
`)

/** The answer before the data: how the build ended, and where its binary is. */
export function BuildSummary(props: {
  build: FragmentType<typeof BuildSummaryFragment>
  relations: Relations
  platform: string
}) {
  const { relations } = props
  const build = readFragment(BuildSummaryFragment, props.build)
  const verdict = describeRelations(relations)
  const { good, word, how, why } = describeOutcome(build)
  const isExplained = !good && !build.mainBinary
  const binary = build.mainBinary
  const ranBackwards = build.durationMs < 0
  return (
    <div
      className={`mt-3 grid rounded-md border border-line bg-raised ${
        isExplained ? 'wide:grid-cols-[1fr_minmax(20rem,1fr)]' : 'wide:grid-cols-[1fr_20rem]'
      }`}
    >
      <div className="min-w-0 p-4">
        {/* Of what succeeded, and has a binary, one wants to know whether it is the right one. */}
        {good && verdict ? (
          <>
            <p className="flex items-start gap-2.5 text-title font-semibold">
              <Icon name={verdict.sign} className={`mt-1 scale-125 ${verdict.tone}`} />
              <span className={`min-w-0 ${verdict.tone}`}>{verdict.words}</span>
            </p>
            <RelationsDetails relations={relations} platform={props.platform} />
            <p className="mt-1 text-quiet">
              {word}: {how} after{' '}
              <span className="whitespace-nowrap">{formatDuration(build.durationMs)}</span>
            </p>
          </>
        ) : (
          <p className="flex items-start gap-2.5 text-title font-semibold">
            <Icon
              name={good ? 'check' : 'cross'}
              className={`mt-1 scale-125 ${good ? 'text-good' : 'text-bad'}`}
            />
            <span className="min-w-0 break-words">
              <span className={good ? 'text-good' : 'text-bad'}>{word}</span>: {why && `${why}, `}
              <LongText text={how} what="the whole message" /> after{' '}
              <span className="whitespace-nowrap">{formatDuration(build.durationMs)}</span>
            </span>
          </p>
        )}
        {!good && verdict && (
          <p className={`mt-1 flex items-center gap-2 ${verdict.tone}`}>
            <Icon name={verdict.sign} /> {verdict.words}
          </p>
        )}
        {verdict && <OutputChanges relations={relations} />}
        {ranBackwards && (
          <p className="mt-1 text-warn">The worker’s clock ran backwards during this build.</p>
        )}
        {build.clockAheadMs !== null && (
          <p className="mt-1 text-warn">
            The builder’s clock was ahead by at least {formatDuration(build.clockAheadMs)}: its record claims
            a start after the upload. The times below are corrected.
          </p>
        )}
        <dl className="mt-4 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 wide:gap-x-8">
          <Fact name="Started">
            <ExactTime at={build.startedAt} />
            <span className="text-quiet">
              {' · '}
              <RelativeTime at={build.startedAt} />
            </span>
          </Fact>
          <Fact name="Finished">
            <ExactTime at={build.finishedAt} />
          </Fact>
          <Fact name="Uploaded">
            <ExactTime at={build.receivedAt} />
            {build.importedFrom ? (
              <span>
                {', imported from '}
                <span className="wrap-anywhere">{build.importedFrom}</span>
              </span>
            ) : build.uploadedBy ? (
              <span>
                {' by '}
                <span className="wrap-anywhere">{build.uploadedBy}</span>
              </span>
            ) : (
              <BuiltByWorker uuid={build.uuid} />
            )}
          </Fact>
          {build.pin && (
            <Fact name="Pinned">
              <ExactTime at={build.pin.pinnedAt} />
              {build.pin.reason !== '' && (
                <span className="wrap-anywhere">: {visibleText(build.pin.reason)}</span>
              )}
            </Fact>
          )}
          <Fact name="UUID">
            <span className="flex items-center">
              <code className="break-all">{build.uuid}</code>
              <CopyButton text={build.uuid} what="UUID" />
            </span>
          </Fact>
          <Fact name="Input id">
            {build.inputId ? (
              <Hash value={build.inputId} of="the inputs" />
            ) : (
              <span className="text-quiet">none: the build did not record all of its inputs</span>
            )}
          </Fact>
        </dl>
      </div>
      <div className="min-w-0 border-line p-4 narrow:border-t wide:border-l">
        {isExplained ? (
          <FailureReason build={build} />
        ) : (
          <h2 className="text-small font-normal text-quiet">Main binary</h2>
        )}
        {binary ? (
          <>
            <p className="mt-1 font-semibold break-all">
              <code>
                <Name>{binary.path.replace(/^bin\//, '')}</Name>
              </code>
            </p>
            <p className="mt-1 flex flex-wrap items-center gap-x-4">
              <ByteSize bytes={binary.sizeBytes} />
              <span className="inline-flex items-center gap-2">
                <span className="text-small text-quiet">sha256</span>
                <Hash value={binary.sha256} of="the main binary" to={paths.hash(binary.sha256)} />
              </span>
            </p>
            <a
              href={paths.artifact(build.job.name, build.uuid, binary.path)}
              className="control control-main mt-3"
            >
              <Icon name="download" /> Download
            </a>
            <CheckLine build={build} />
            <ContentsLine build={build} />
            <TrustLine build={build} />
          </>
        ) : (
          good && <p className="mt-1 text-quiet">None: the build did not produce exactly one file in bin/.</p>
        )}
        {!good && <FailureLinks relations={relations} />}
      </div>
    </div>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="py-0.5 text-quiet">{name}</dt>
      <dd className="py-0.5">{children}</dd>
    </>
  )
}
