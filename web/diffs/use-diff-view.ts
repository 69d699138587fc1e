import { useSyncExternalStore } from 'react'
import { useSearchParams } from 'react-router'
import { useChangeSearch } from '../address/use-change-search.ts'

export const diffViews = ['unified', 'split'] as const
export type DiffView = (typeof diffViews)[number]

const key = 'diff-view'
const narrow = () => matchMedia('(width < 48rem)')

function subscribe(changed: () => void): () => void {
  const media = narrow()
  media.addEventListener('change', changed)
  return () => media.removeEventListener('change', changed)
}

function remembered(): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/**
 * How texts are compared: as the address says (`?diff=split`), else as chosen last. A narrow screen
 * has no room for two columns: `shown` is unified there, whatever is `chosen`.
 */
export function useDiffView(): { shown: DiffView; chosen: DiffView; choose: (view: DiffView) => void } {
  const [search] = useSearchParams()
  const changeSearch = useChangeSearch()
  const isNarrow = useSyncExternalStore(
    subscribe,
    () => narrow().matches,
    () => false,
  )
  const chosenBefore = useSyncExternalStore(subscribe, remembered, () => null)
  const wanted = search.get('diff') ?? chosenBefore
  const chosen = diffViews.find((view) => view === wanted) ?? 'unified'
  return {
    shown: isNarrow ? 'unified' : chosen,
    chosen,
    choose(view) {
      try {
        localStorage.setItem(key, view)
      } catch {
        // Storage is forbidden: the address alone remembers.
      }
      changeSearch((now) => now.set('diff', view))
    },
  }
}
