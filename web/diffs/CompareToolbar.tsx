import { Icon } from '../ui/Icon.tsx'
import { diffViews, type DiffView } from './use-diff-view.ts'

const labels: Record<DiffView, string> = { unified: 'Unified', split: 'Split' }

/** The filter over all parts, and how texts are shown. */
export function CompareToolbar(props: {
  text: string
  onType: (text: string) => void
  view: DiffView
  onView: (view: DiffView) => void
}) {
  return (
    <div className="mt-5 mb-2 flex flex-wrap items-center gap-3">
      <h2 className="sr-only">Changes</h2>
      <div className="relative min-w-0 flex-1 wide:max-w-80">
        <Icon name="search" className="pointer-events-none absolute top-2 left-2.5 text-quiet" />
        <input
          type="search"
          aria-label="Filter the changes"
          placeholder="Filter: name, version, path"
          value={props.text}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => props.onType(event.target.value)}
          className="h-8 w-full rounded-md border border-line-strong bg-surface pr-2 pl-8 text-small placeholder:text-quiet"
        />
      </div>
      <div role="group" aria-label="Text changes" className="ml-auto flex gap-1 narrow:hidden">
        {diffViews.map((view) => (
          <button
            key={view}
            type="button"
            className="control"
            aria-pressed={props.view === view}
            onClick={() => props.onView(view)}
          >
            {labels[view]}
          </button>
        ))}
      </div>
    </div>
  )
}
