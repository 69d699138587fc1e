import { startTransition, useEffect, useRef } from 'react'
import type { AnalysisKind } from '../gql/graphql.ts'
import type { FragmentType } from '../gql/index.ts'
import { useAnalysis } from './AnalysisSection.tsx'
import type { BuildAnalysesFragment } from './analysis-status.ts'

/**
 * Ask again for a page whose own query has what an analysis tells, as soon as that is ready. For facts
 * of a few lines, in the middle of others; what takes more room asks for itself in an `AnalysisSection`.
 */
export function useRefetchWhenReady(
  build: FragmentType<typeof BuildAnalysesFragment>,
  kind: AnalysisKind,
  refetch: () => unknown,
): void {
  const state = useAnalysis(build, kind)?.state ?? null
  const before = useRef(state)
  useEffect(() => {
    const hasEnded = state === 'READY' && before.current !== null && before.current !== 'READY'
    before.current = state
    if (hasEnded) startTransition(() => void refetch())
  }, [state, refetch])
}
