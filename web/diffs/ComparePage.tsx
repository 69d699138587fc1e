import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { Link, type LoaderFunctionArgs, type ShouldRevalidateFunctionArgs, useLocation } from 'react-router'
import { preload } from '../apollo.ts'
import { isUuid } from '../address/uuid.ts'
import type { ComparePageQuery as Answer } from '../gql/graphql.ts'
import { graphql, readFragment } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { Breadcrumb } from '../shell/Breadcrumb.tsx'
import { MissingBuild } from '../removed/MissingBuild.tsx'
import { NotFound } from '../shell/NotFound.tsx'
import { isPlainKey } from '../shell/shortcuts.ts'
import { Icon } from '../ui/Icon.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { formatUtc } from '../ui/time.ts'
import { ArtifactsPart } from './ArtifactsPart.tsx'
import { BuildPicker } from './BuildPicker.tsx'
import { CauseSection } from './CauseSection.tsx'
import { ComparedSide, ComparedSideFragment } from './ComparedSide.tsx'
import { CompareSummary } from './CompareSummary.tsx'
import { CompareToolbar } from './CompareToolbar.tsx'
import './diffs.css'
import { OpamFilesPart } from './OpamFilesPart.tsx'
import { PackagesPart } from './PackagesPart.tsx'
import { describePart, inputTitles, isOpenAtFirst, partIds, type PartId, partsOfInput } from './parts.ts'
import { ScriptPart } from './ScriptPart.tsx'
import { SizePart } from './SizePart.tsx'
import { parseTextFilter } from './text-filter.ts'
import { useDiffView } from './use-diff-view.ts'
import { useFilterText } from '../address/use-filter-text.ts'
import { EnvironmentPart, SystemPackagesPart } from './ValueParts.tsx'
import { verdictOfComparison } from './verdict.ts'
import { comparedInDepth, WhyPart } from './WhyPart.tsx'
import { visibleName } from '../ui/visible-text.ts'

const ConsolePart = lazy(() => import('./ConsolePart.tsx'))

const ComparePageQuery = graphql(`
  query ComparePage($left: UUID!, $right: UUID!) {
    diff(left: $left, right: $right) {
      isSamePlatform
      left {
        id
        inputId
        ...ComparedSide
      }
      right {
        id
        inputId
        ...ComparedSide
      }
      ...CompareSummary
      summary {
        output
        counts {
          packagesUpgraded
          packagesDowngraded
          packagesRespelled
          packagesAdded
          packagesRemoved
          packagesChanged
          duniverse
          environment
          systemPackages
          scriptLines
          artifacts
        }
      }
      missing {
        input
        side
        reason
      }
      unlisted {
        input
        description
      }
      mainBinary {
        sizeDeltaBytes
        right {
          path
        }
      }
      opam {
        ...PackagesPart
        ...OpamFilesPart
        ...VendoredChanges
      }
      environment {
        ...EnvironmentPart
      }
      systemPackages {
        ...SystemPackagesPart
      }
      script {
        ...TextDiffView
      }
      artifacts {
        changed {
          path
        }
        ...ArtifactsPart
      }
    }
  }
`)

export async function loadComparePage(client: ApolloClient, { params }: LoaderFunctionArgs) {
  const left = params['left']?.toLowerCase() ?? ''
  const right = params['right']?.toLowerCase() ?? ''
  // The server refuses the whole operation when a UUID is none; here it is only an address that leads nowhere.
  if (!isUuid(left) || !isUuid(right)) return { left, right, query: null }
  return { left, right, query: await preload(client, ComparePageQuery, { left, right }) }
}

/** The filter and the view are in the query of the address: they need nothing from the server. */
export function shouldReloadComparison({ currentUrl, nextUrl }: ShouldRevalidateFunctionArgs): boolean {
  return currentUrl.pathname !== nextUrl.pathname
}

type Loaded = Awaited<ReturnType<typeof loadComparePage>>

export function ComparePage() {
  const { left, right, query } = useLoaded<typeof loadComparePage>()
  if (!query) return <UnknownBuilds left={left} right={right} />
  // Another pair is another page: nothing of the reader's folding is kept.
  return <KnownBuilds key={`${left} ${right}`} left={left} right={right} query={query} />
}

function UnknownBuilds({ left, right }: { left: string; right: string }) {
  const nothing = `There is nothing to compare: one of ${left} and ${right} is no build of this site.`
  const ofRight = <MissingBuild uuid={right} otherwise={<NotFound what={nothing} />} />
  return <MissingBuild uuid={left} otherwise={ofRight} />
}

function KnownBuilds({ left, right, query }: Loaded & { query: NonNullable<Loaded['query']> }) {
  const { diff } = useReadQuery(query).data
  if (!diff) return <UnknownBuilds left={left} right={right} />
  return <Comparison diff={diff} />
}

function Comparison({ diff }: { diff: NonNullable<Answer['diff']> }) {
  const [picksFor, setPicksFor] = useState<'left' | 'right' | null>(null)
  const { search, hash } = useLocation()
  const [filterText, setFilterText] = useFilterText()
  const filter = parseTextFilter(filterText)
  const { shown, chosen, choose } = useDiffView()

  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (!isPlainKey(event) || event.key !== 'c') return
      event.preventDefault()
      setPicksFor('right')
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])

  const left = readFragment(ComparedSideFragment, diff.left)
  const right = readFragment(ComparedSideFragment, diff.right)
  const isSameJob = left.job.id === right.job.id
  const { counts, output } = diff.summary
  const missingIn = (...inputs: string[]) => diff.missing.filter(({ input }) => inputs.includes(input))
  const missing: Record<PartId, typeof diff.missing> = {
    packages: missingIn('OPAM_SWITCH'),
    'opam-files': missingIn('OPAM_SWITCH'),
    environment: missingIn('ENVIRONMENT'),
    'system-packages': missingIn('SYSTEM_PACKAGES'),
    script: missingIn('SCRIPT'),
    artifacts: [],
  }
  const unlisted = diff.unlisted.flatMap(({ input, description }) =>
    partsOfInput[input].map((part) => ({ part, words: `${inputTitles[input]} ${description}` })),
  )
  const changed = partIds.filter((id) => describePart(id, counts) !== null)
  const verdict = verdictOfComparison({
    output,
    isSameBuild: left.uuid === right.uuid,
    isSameJob,
    isSameInput: diff.left.inputId != null && diff.left.inputId === diff.right.inputId,
    isSamePlatform: diff.isSamePlatform,
    hasChangedInput: changed.some((id) => id !== 'artifacts'),
    scriptLines: counts.scriptLines,
    isPartial: diff.missing.length > 0,
    sizeDelta: diff.mainBinary.sizeDeltaBytes ?? null,
  })
  const mainPath = diff.mainBinary.right?.path ?? null
  const changedPaths = diff.artifacts.changed.map(({ path }) => path)
  const partProps = (id: PartId, rowCount: number) => ({
    counts,
    missing: missing[id],
    unlisted: unlisted.find(({ part }) => part === id)?.words,
    filter,
    view: shown,
    isOpenAtFirst: isOpenAtFirst(id, changed, rowCount),
  })

  const [leftJob, rightJob] = [left.job.name, right.job.name].map(visibleName)
  const jobs = isSameJob ? leftJob : `${leftJob} and ${rightJob}`
  return (
    <>
      <PageTitle>{`${jobs}: ${formatUtc(left.startedAt)} → ${formatUtc(right.startedAt)} · Builder Hub`}</PageTitle>
      <Breadcrumb
        trail={[
          { to: paths.home, label: 'Jobs' },
          ...(isSameJob ? [{ to: paths.job(left.job.name), label: left.job.name }] : []),
        ]}
        here="Compare"
      />
      <h1 className="wrap-anywhere">
        {isSameJob ? 'What changed in ' : 'What is different between '}
        {jobs}
      </h1>
      <div className="mt-1 flex gap-x-6 narrow:flex-col">
        <ComparedSide side="Left" build={diff.left} showJob={!isSameJob} onPick={() => setPicksFor('left')} />
        <div className="flex items-center narrow:justify-center narrow:border-t narrow:border-line narrow:pt-2">
          <Link
            to={{ pathname: paths.compare(right.uuid, left.uuid), search, hash }}
            className="control"
            title="Swap sides"
          >
            <Icon name="swap" className="narrow:rotate-90" /> Swap<span className="sr-only"> sides</span>
          </Link>
        </div>
        <ComparedSide
          side="Right"
          build={diff.right}
          showJob={!isSameJob}
          onPick={() => setPicksFor('right')}
        />
      </div>
      {left.startedAt > right.startedAt && (
        <p className="mb-2 text-small text-warn">The left build is the newer one: changes read backwards.</p>
      )}
      <CompareSummary
        diff={diff}
        verdict={verdict}
        counts={counts}
        notCompared={partIds.filter((id) => missing[id].length > 0)}
        unlisted={unlisted}
      />
      <WhyPart
        left={left.uuid}
        right={right.uuid}
        paths={comparedInDepth(output === 'CHANGED', mainPath, changedPaths)}
        mainPath={mainPath ?? ''}
        isOpenAtFirst={verdict.tone === 'alarm'}
      />
      {isSameJob && output !== 'SAME' && verdict.tone !== 'alarm' && left.uuid !== right.uuid && (
        <CauseSection
          left={left.uuid}
          right={right.uuid}
          isOpenAtFirst={output === 'ONLY_LEFT' || output === 'ONLY_RIGHT'}
        />
      )}
      {changed.length > 0 && (
        <CompareToolbar text={filterText} onType={setFilterText} view={chosen} onView={choose} />
      )}
      {missing.packages.length > 0 && (
        <Suspense>
          <ConsolePart left={left.uuid} right={right.uuid} />
        </Suspense>
      )}
      <PackagesPart
        {...partProps('packages', counts.duniverse)}
        opam={diff.opam ?? null}
        vendoredMissing={missing.packages.length > 0 ? [] : missingIn('DUNIVERSE')}
      />
      <OpamFilesPart {...partProps('opam-files', 0)} opam={diff.opam ?? null} />
      <EnvironmentPart
        {...partProps('environment', counts.environment)}
        environment={diff.environment ?? null}
      />
      <SystemPackagesPart
        {...partProps('system-packages', counts.systemPackages)}
        systemPackages={diff.systemPackages ?? null}
      />
      <ScriptPart {...partProps('script', counts.scriptLines)} script={diff.script ?? null} />
      <SizePart
        left={left.uuid}
        right={right.uuid}
        job={jobs ?? left.job.name}
        filter={filter}
        isOpenAtFirst={output === 'CHANGED'}
      />
      <ArtifactsPart {...partProps('artifacts', counts.artifacts)} artifacts={diff.artifacts} />
      {picksFor && (
        <BuildPicker
          title={`Another build for the ${picksFor} side`}
          listOf={picksFor === 'left' ? left : right}
          keeps={picksFor === 'left' ? right : left}
          addressOf={({ uuid }) =>
            picksFor === 'left' ? paths.compare(uuid, right.uuid) : paths.compare(left.uuid, uuid)
          }
          onClose={() => setPicksFor(null)}
        />
      )}
    </>
  )
}
