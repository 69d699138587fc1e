/** Stands for a page that is being loaded: nothing for 150 ms, then grey lines of the page's height. */
export function Skeleton({ rows = 12 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="appear-late">
      <div className="pulse">
        <div className="h-7 w-64 max-w-full rounded-sm bg-hover" />
        <div className="mt-2 h-4 w-96 max-w-full rounded-sm bg-hover" />
        <div className="mt-8">
          {Array.from({ length: rows }, (_, row) => (
            <div key={row} className="flex h-10 items-center gap-8 border-t border-line">
              <div className="h-3.5 w-40 rounded-sm bg-hover" />
              <div className="h-3.5 flex-1 rounded-sm bg-hover" />
              <div className="h-3.5 w-24 rounded-sm bg-hover narrow:hidden" />
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}
