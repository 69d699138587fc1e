import { useId } from 'react'

/** A search in the picture, and what it found. */
export function SizeSearch(props: { text: string; onType: (text: string) => void; found: string | null }) {
  const id = useId()
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
      <label htmlFor={id} className="sr-only">
        Search in this picture
      </label>
      <input
        id={id}
        type="search"
        value={props.text}
        onChange={(event) => props.onType(event.target.value)}
        placeholder="Search modules, functions"
        autoComplete="off"
        spellCheck={false}
        className="h-8 w-56 rounded-md border border-line-strong bg-surface px-2.5 text-small"
      />
      <span role="status" className="text-small text-quiet tabular-nums">
        {props.found}
      </span>
    </div>
  )
}

/** Buttons of which one is pressed. */
export function SizeChoice<Value extends string>(props: {
  label: string
  options: readonly { value: Value; label: string }[]
  value: Value
  onChoose: (value: Value) => void
}) {
  return (
    <div role="group" aria-label={props.label} className="flex gap-1">
      {props.options.map(({ value, label }) => (
        <button
          key={value}
          type="button"
          className="control"
          aria-pressed={value === props.value}
          onClick={() => props.onChoose(value)}
        >
          {label}
        </button>
      ))}
    </div>
  )
}
