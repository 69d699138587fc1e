import { useId, type ComponentProps, type ReactNode } from 'react'

type Given = Omit<ComponentProps<'input'>, 'id' | 'className'>

/** A field of a form with its label. `hint` says what to type. */
export function TextField({ label, hint, ...input }: Given & { label: string; hint?: ReactNode }) {
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="block text-small">
        {label}
      </label>
      <input
        spellCheck={false}
        autoCapitalize="none"
        {...input}
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-1 h-8 w-full rounded-md border border-line-strong bg-surface px-2.5"
      />
      {hint && (
        <p id={`${id}-hint`} className="mt-1 text-small text-quiet">
          {hint}
        </p>
      )}
    </div>
  )
}

/** What is wrong with what was sent. Screen readers say it as soon as it is there. */
export function FormError({ children }: { children: ReactNode }) {
  return (
    <div role="alert" className="text-bad">
      {children}
    </div>
  )
}
