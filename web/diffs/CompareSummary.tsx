import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { formatDuration } from '../ui/duration.ts'
import { Hash } from '../ui/Hash.tsx'
import { Icon } from '../ui/Icon.tsx'
import { NextSteps } from './NextSteps.tsx'
import { type Counts, describePart, partIds, type PartId, partTitles } from './parts.ts'
import { formatDurationDelta, formatExactDelta, formatOffset, formatSizeDelta } from './signed.ts'
import type { ComparisonVerdict } from './verdict.ts'

const CompareSummaryFragment = graphql(`
  fragment CompareSummary on BuildDiff {
    isSamePlatform
    durationDeltaMs
    left {
      id
      durationMs
      platform {
        id
        name
      }
    }
    right {
      id
      durationMs
      platform {
        id
        name
      }
    }
    mainBinary {
      sizeDelta
      firstDifferingOffset
      left {
        path
        size
        sha256
        url
      }
      right {
        path
        size
        sha256
        url
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
}) {
  const { verdict, counts, notCompared } = props
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
        <Changes
          counts={counts}
          notCompared={notCompared}
          platforms={isSamePlatform ? null : `${left.platform.name} → ${right.platform.name}`}
        />
        {verdict.tone === 'alarm' && mainBinary.left && mainBinary.right && (
          <NextSteps
            left={mainBinary.left}
            right={mainBinary.right}
            offset={mainBinary.firstDifferingOffset ?? null}
          />
        )}
      </div>
      <div className="min-w-0 border-line p-4 narrow:border-t wide:border-l">
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4">
          <Fact name="Main binary">
            <Size file={mainBinary.left} />
            <span className="text-quiet"> → </span>
            <Size file={mainBinary.right} />
            {mainBinary.sizeDelta != null && (
              <span className="ml-2 text-quiet" title={formatExactDelta(mainBinary.sizeDelta)}>
                {formatSizeDelta(mainBinary.sizeDelta)}
              </span>
            )}
          </Fact>
          <Hashes left={mainBinary.left?.sha256} right={mainBinary.right?.sha256} />
          {mainBinary.firstDifferingOffset != null && (
            <Fact name="Differs from">
              <Offset
                offset={mainBinary.firstDifferingOffset}
                shorter={Math.min(mainBinary.left?.size ?? 0, mainBinary.right?.size ?? 0)}
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
                {left.platform.name} <span className="text-quiet">both</span>
              </span>
            ) : (
              <span className="wrap-anywhere">
                {left.platform.name}
                <span className="text-quiet"> → </span>
                {right.platform.name}
              </span>
            )}
          </Fact>
        </dl>
      </div>
    </section>
  )
}

/** Which parts changed, as links to them; then which did not, and which could not be compared. */
function Changes(props: { counts: Counts; notCompared: readonly PartId[]; platforms: string | null }) {
  const { counts, notCompared, platforms } = props
  const parts = partIds.map((id) => ({ id, words: describePart(id, counts) }))
  const changed = parts.filter(({ words }) => words !== null)
  const equal = parts.filter(({ id, words }) => words === null && !notCompared.includes(id))
  return (
    <>
      {(changed.length > 0 || platforms) && (
        <ul aria-label="What changed" className="mt-3 space-y-0.5">
          {platforms && <li className="wrap-anywhere">platform {platforms}</li>}
          {changed.map(({ id, words }) => (
            <li key={id}>
              <a href={`#${id}`}>{words}</a>
            </li>
          ))}
        </ul>
      )}
      {equal.length > 0 && (
        <p className="mt-2 text-quiet">Unchanged: {listTitles(equal.map(({ id }) => id))}.</p>
      )}
      {notCompared.length > 0 && <p className="mt-2 text-warn">Not compared: {listTitles(notCompared)}.</p>}
    </>
  )
}

function listTitles(parts: readonly PartId[]): string {
  const titles = parts.map((id) => (id === 'opam-files' ? 'opam files' : partTitles[id].toLowerCase()))
  return titles.join(', ')
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="py-0.5 whitespace-nowrap text-quiet">{name}</dt>
      <dd className="min-w-0 py-0.5 tabular-nums">{children}</dd>
    </>
  )
}

function Size({ file }: { file: { size: number } | null | undefined }) {
  return file ? <ByteSize bytes={file.size} /> : <Absent />
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
          <Hash value={left} of="both main binaries" /> <span className="text-quiet">both</span>
        </span>
      </Fact>
    )
  return (
    <Fact name="SHA-256">
      <span className="flex flex-wrap items-center gap-x-2">
        {left ? <Hash value={left} of="the left main binary" /> : <Absent />}
        <span className="text-quiet">→</span>
        {right ? <Hash value={right} of="the right main binary" /> : <Absent />}
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
