import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { formatDuration } from '../ui/duration.ts'
import { paths } from '../paths.ts'
import { Hash } from '../ui/Hash.tsx'
import { Icon } from '../ui/Icon.tsx'
import { ChangedParts } from './ChangedParts.tsx'
import { NextSteps } from './NextSteps.tsx'
import { type Counts, type PartId, partTitles } from './parts.ts'
import { formatDurationDelta, formatExactDelta, formatOffset, formatSizeDelta } from '../ui/signed.ts'
import { SizeWords } from './SizeWords.tsx'
import type { ComparisonVerdict } from './verdict.ts'
import { Name } from '../ui/Name.tsx'
import { visibleName } from '../ui/visible-text.ts'

const CompareSummaryFragment = graphql(`
  fragment CompareSummary on BuildDiff {
    isSamePlatform
    durationDeltaMs
    left {
      id
      uuid
      durationMs
      platform {
        id
        name
      }
    }
    right {
      id
      uuid
      durationMs
      platform {
        id
        name
      }
    }
    mainBinary {
      change
      sizeDeltaBytes
      firstDifferingOffsetBytes
      left {
        path
        sizeBytes
        sha256
        resourcePath
      }
      right {
        path
        sizeBytes
        sha256
        resourcePath
      }
    }
  }
`)

const tones = {
  good: { icon: 'check', colour: 'text-good', frame: 'border-line' },
  neutral: { icon: 'unequal', colour: 'text-text', frame: 'border-line' },
  alarm: { icon: 'alarm', colour: 'text-bad', frame: 'border-bad' },
} as const

/** The answer in words, then in numbers. */
export function CompareSummary(props: {
  diff: FragmentType<typeof CompareSummaryFragment>
  verdict: ComparisonVerdict
  counts: Counts
  notCompared: readonly PartId[]
  unlisted: readonly { part: PartId; words: string }[]
}) {
  const { verdict, counts, notCompared, unlisted } = props
  const { isSamePlatform, left, right, durationDeltaMs, mainBinary } = readFragment(
    CompareSummaryFragment,
    props.diff,
  )
  const { icon, colour, frame } = tones[verdict.tone]
  return (
    <section
      aria-label="Summary"
      className={`grid rounded-md border bg-raised wide:grid-cols-[1fr_28rem] ${frame}`}
    >
      <div className="min-w-0 p-4">
        <p className={`flex items-start gap-2.5 text-title font-semibold ${colour}`}>
          <Icon name={icon} className="mt-1 scale-125" />
          <span className="min-w-0">{verdict.title}</span>
        </p>
        {verdict.meaning && <p className="mt-1">{verdict.meaning}</p>}
        <ChangedParts
          counts={counts}
          notCompared={notCompared}
          unlisted={unlisted}
          platforms={
            isSamePlatform ? null : `${visibleName(left.platform.name)} → ${visibleName(right.platform.name)}`
          }
          sizes={
            mainBinary.change === 'CHANGED' && (
              <SizeWords left={left.uuid} right={right.uuid} otherwise={partTitles.size.toLowerCase()} />
            )
          }
        />
        {verdict.tone === 'alarm' && mainBinary.left && mainBinary.right && (
          <NextSteps
            left={mainBinary.left}
            right={mainBinary.right}
            offset={mainBinary.firstDifferingOffsetBytes ?? null}
          />
        )}
      </div>
      <div className="min-w-0 border-line p-4 narrow:border-t wide:border-l">
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4">
          <Fact name="Main binary">
            <Size file={mainBinary.left} />
            <span className="text-quiet"> → </span>
            <Size file={mainBinary.right} />
            {mainBinary.sizeDeltaBytes != null && (
              <span className="ml-2 text-quiet" title={formatExactDelta(mainBinary.sizeDeltaBytes)}>
                {formatSizeDelta(mainBinary.sizeDeltaBytes)}
              </span>
            )}
          </Fact>
          <Hashes left={mainBinary.left?.sha256} right={mainBinary.right?.sha256} />
          {mainBinary.firstDifferingOffsetBytes != null && (
            <Fact name="Differs from">
              <Offset
                offset={mainBinary.firstDifferingOffsetBytes}
                shorter={Math.min(mainBinary.left?.sizeBytes ?? 0, mainBinary.right?.sizeBytes ?? 0)}
              />
            </Fact>
          )}
          <Fact name="Duration">
            {formatDuration(left.durationMs)}
            <span className="text-quiet"> → </span>
            {formatDuration(right.durationMs)}
            <span className="ml-2 text-quiet">{formatDurationDelta(durationDeltaMs)}</span>
          </Fact>
          <Fact name="Platform">
            {isSamePlatform ? (
              <span className="wrap-anywhere">
                <Name>{left.platform.name}</Name> <span className="text-quiet">both</span>
              </span>
            ) : (
              <span className="wrap-anywhere">
                <Name>{left.platform.name}</Name>
                <span className="text-quiet"> → </span>
                <Name>{right.platform.name}</Name>
              </span>
            )}
          </Fact>
        </dl>
      </div>
    </section>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="py-0.5 whitespace-nowrap text-quiet">{name}</dt>
      <dd className="min-w-0 py-0.5 tabular-nums">{children}</dd>
    </>
  )
}

function Size({ file }: { file: { sizeBytes: number } | null | undefined }) {
  return file ? <ByteSize bytes={file.sizeBytes} /> : <Absent />
}

function Absent() {
  return (
    <span className="text-quiet" title="absent">
      <span aria-hidden="true">∅</span>
      <span className="sr-only">absent</span>
    </span>
  )
}

type MaybeHash = string | null | undefined

function Hashes({ left, right }: { left: MaybeHash; right: MaybeHash }) {
  if (!left && !right) return null
  if (left && left === right)
    return (
      <Fact name="SHA-256">
        <span className="inline-flex items-center gap-2">
          <Hash value={left} of="both main binaries" to={paths.hash(left)} />{' '}
          <span className="text-quiet">both</span>
        </span>
      </Fact>
    )
  return (
    <Fact name="SHA-256">
      <span className="flex flex-wrap items-center gap-x-2">
        {left ? <Hash value={left} of="the left main binary" to={paths.hash(left)} /> : <Absent />}
        <span className="text-quiet">→</span>
        {right ? <Hash value={right} of="the right main binary" to={paths.hash(right)} /> : <Absent />}
      </span>
    </Fact>
  )
}

function Offset({ offset, shorter }: { offset: number; shorter: number }) {
  return (
    <>
      byte <code>{formatOffset(offset)}</code>{' '}
      <span className="text-quiet">
        ({offset.toLocaleString('en-US')}
        {offset === shorter && ', where the shorter one ends'})
      </span>
    </>
  )
}
