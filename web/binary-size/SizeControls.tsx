import { useId } from 'react'
import { Icon } from '../ui/Icon.tsx'

export function SizeSearch(props: { text: string; onType: (text: string) => void }) {
  const id = useId()
  return (
    <div className="relative">
      <label htmlFor={id} className="sr-only">
        Search in this picture
      </label>
      <Icon name="search" className="pointer-events-none absolute top-2 left-2.5 text-quiet" />
      <input
        id={id}
        type="search"
        value={props.text}
        onChange={(event) => props.onType(event.target.value)}
        placeholder="Module, function, section"
        autoComplete="off"
        spellCheck={false}
        className="h-8 w-56 rounded-md border border-line-strong bg-surface pr-2 pl-8 text-small placeholder:text-quiet"
      />
    </div>
  )
}

/** A group of toggle buttons, exactly one of which is pressed. */
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
