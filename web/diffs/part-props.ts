import type { Missing } from './DiffSection.tsx'
import type { Counts } from './parts.ts'
import type { TextFilter } from './text-filter.ts'
import type { DiffView } from './use-diff-view.ts'

/** What every part of the comparison is given beside its own data. */
export type PartProps = {
  counts: Counts
  missing: Missing
  /** How the bytes of the part's file differ, when nothing of it is listed. */
  unlisted?: string | undefined
  filter: TextFilter
  isOpenAtFirst: boolean
  view: DiffView
}
