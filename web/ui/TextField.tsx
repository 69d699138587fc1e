import { useId, type ComponentProps, type ReactNode } from 'react'

type Given = Omit<ComponentProps<'input'>, 'id' | 'className'>

/** A line of text in a form, with its label. `hint` says what to type. Browsers fill it in if `autoComplete` says with what. */
export function TextField({ label, hint, ...input }: Given & { label: string; hint?: ReactNode }) {
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="block text-small text-quiet">
        {label}
      </label>
      <input
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        {...input}
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-1 h-8 w-full rounded-md border border-line-strong bg-surface px-2"
      />
      {hint && (
        <p id={`${id}-hint`} className="mt-1 text-small text-quiet">
          {hint}
        </p>
      )}
    </div>
  )
}
