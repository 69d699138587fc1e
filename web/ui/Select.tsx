import { useId } from 'react'

/** A choice with its label beside it. `otherwise` names the choice of nothing: `all`. A value that is none of the options is shown, too. */
export function Select(props: {
  label: string
  options: readonly { value: string; label: string }[]
  value: string
  onChange: (value: string) => void
  otherwise?: string
}) {
  const { label, options, value, onChange, otherwise = 'all' } = props
  const id = useId()
  const known = value === '' || options.some((option) => option.value === value)
  return (
    <div className="flex items-center gap-2 text-small">
      <label htmlFor={id} className="whitespace-nowrap text-quiet">
        {label}
      </label>
      <select
        id={id}
        value={value}
        className="h-8 max-w-48 min-w-0 rounded-md border border-line-strong bg-surface px-2"
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">{otherwise}</option>
        {!known && <option value={value}>{value}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  )
}
