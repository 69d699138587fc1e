import { useId } from 'react'

/** One end of the days that a list shows. A day counts in UTC, whatever the reader's clock says. */
export function DayFilter(props: {
  end: 'since' | 'until'
  value: string
  onChange: (day: string) => void
  className?: string
}) {
  const id = useId()
  return (
    <label htmlFor={id} className={`flex min-w-0 items-center gap-2 text-small ${props.className ?? ''}`}>
      <span className="text-quiet">{props.end === 'since' ? 'From' : 'To'}</span>
      <input
        id={id}
        type="date"
        value={props.value}
        title="A day in UTC"
        min="1970-01-01"
        max="9999-12-31"
        onChange={(event) => props.onChange(event.target.value)}
        className="h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2 text-small"
      />
    </label>
  )
}
