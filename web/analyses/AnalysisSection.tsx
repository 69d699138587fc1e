import { useApolloClient } from '@apollo/client/react'
import { type ReactNode, Suspense, useEffect } from 'react'
import { type FragmentType, readFragment } from '../gql/index.ts'
import type { AnalysisKind } from '../gql/graphql.ts'
import { Icon } from '../ui/Icon.tsx'
import { AnalysisStatusFragment, BuildAnalysesFragment } from './analysis-status.ts'

/**
 * A part of a page that shows what an analysis of a build found: waiting, failed with the reason, and,
 * as soon as it is ready and without a reload, the `children`, which ask for the result themselves and
 * may be lazy. Nothing at all when the build has nothing for this kind.
 *
 * `build`: spread `...BuildAnalyses` in the page's query, once. `id`: of the section, for links to it.
 * `room`: how much height the result will take, so that the page does not jump; a CSS length.
 */
export function AnalysisSection({
  build,
  kind,
  id,
  title,
  room = '12rem',
  children,
}: {
  build: FragmentType<typeof BuildAnalysesFragment>
  kind: AnalysisKind
  id: string
  title: string
  room?: string
  children: ReactNode
}) {
  const analysis = useAnalysis(build, kind)
  if (!analysis) return null
  const { state } = analysis
  return (
    <section aria-labelledby={id} className="mt-8">
      <h2 id={id} className="scroll-mt-4">
        {title}
      </h2>
      {state === 'READY' ? (
        <Suspense fallback={<Room height={room} />}>{children}</Suspense>
      ) : state === 'FAILED' ? (
        <Failed reason={analysis.error} />
      ) : (
        <Waiting height={room} isRunning={state === 'RUNNING'} lastError={analysis.error} />
      )}
    </section>
  )
}

/**
 * The state of one analysis of a build, which follows the server while it is to end; null when the
 * build has none of this kind.
 */
export function useAnalysis(build: FragmentType<typeof BuildAnalysesFragment>, kind: AnalysisKind) {
  const { uuid, analyses } = readFragment(BuildAnalysesFragment, build)
  const found = readFragment(AnalysisStatusFragment, analyses).find((analysis) => analysis.kind === kind)
  const isToEnd = found?.state === 'PENDING' || found?.state === 'RUNNING'
  const apollo = useApolloClient()
  useEffect(() => {
    if (!isToEnd) return
    let isGone = false
    let end = () => {}
    void import('./follow-analyses.ts').then(({ followAnalyses }) => {
      if (!isGone) end = followAnalyses(apollo, uuid)
    })
    return () => {
      isGone = true
      end()
    }
  }, [apollo, uuid, isToEnd])
  return found ?? null
}

function Room({ height }: { height: string }) {
  return (
    <div role="status" aria-label="Loading" className="appear-late">
      <div className="pulse mt-2 rounded-sm bg-hover" style={{ minHeight: height }} />
    </div>
  )
}

function Waiting({
  height,
  isRunning,
  lastError,
}: {
  height: string
  isRunning: boolean
  lastError: string | null
}) {
  return (
    <div className="mt-2 border-t border-line py-4 text-quiet" style={{ minHeight: height }}>
      <p role="status" className="max-w-[70ch]">
        <span
          aria-hidden="true"
          className="pulse mr-2 inline-block size-2 rounded-full bg-accent align-middle"
        />
        {isRunning ? 'Being analysed now.' : 'Waits to be analysed.'} It appears here when it is ready.
      </p>
      {lastError !== null && (
        <p className="mt-2 max-w-[70ch]">
          The last attempt failed: {lastError}. The analysis is tried again.
        </p>
      )}
    </div>
  )
}

function Failed({ reason }: { reason: string | null }) {
  return (
    <div className="mt-2 border-t border-line py-4">
      <p className="max-w-[70ch]">
        <Icon name="alarm" className="mr-1.5 -mt-0.5 text-warn" />
        This could not be analysed: <span className="break-words">{reason ?? 'no reason is known'}.</span>
      </p>
      <p className="mt-1 max-w-[70ch] text-quiet">
        The build itself is unharmed, and so are its files. It is tried again with the next version of the
        analysis, or when the operator asks for it with <code>hub analyse</code>.
      </p>
    </div>
  )
}
