import { useId } from 'react'
import { Form, useSearchParams } from 'react-router'
import { useChangeSearch } from '../address/use-change-search.ts'

/** A text that narrows a list, by a parameter of the address. It counts when it is sent by Enter. */
export function TextFilter(props: {
  parameter: string
  label: string
  placeholder: string
  /** What is wrong with the text that the address has. */
  problem?: string | undefined
}) {
  const { parameter, label, placeholder, problem } = props
  const id = useId()
  const changeSearch = useChangeSearch()
  const [search] = useSearchParams()
  const value = search.get(parameter) ?? ''
  return (
    <Form
      className="flex flex-wrap items-center gap-2 text-small"
      onSubmit={(event) => {
        event.preventDefault()
        const text = new FormData(event.currentTarget).get(parameter)
        changeSearch((now) => {
          if (typeof text === 'string' && text.trim() !== '') now.set(parameter, text.trim())
          else now.delete(parameter)
          now.delete('after')
          now.delete('before')
        }, 'push')
      }}
    >
      <label htmlFor={id} className="text-quiet">
        {label}
      </label>
      <input
        // Another address replaces the text of this field.
        key={value}
        id={id}
        name={parameter}
        type="search"
        defaultValue={value}
        placeholder={placeholder}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        className="h-8 w-44 rounded-md border border-line-strong bg-surface px-2"
      />
      {problem !== undefined && (
        <span id={`${id}-problem`} className="text-bad">
          {problem}
        </span>
      )}
    </Form>
  )
}
