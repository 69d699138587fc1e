import { useId, type ComponentProps, type ReactNode } from 'react'

type Given = Omit<ComponentProps<'textarea'>, 'id' | 'className'>

/** Lines of code in a form, with their label. */
export function TextArea({ label, hint, ...given }: Given & { label: string; hint?: ReactNode }) {
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="block text-small text-quiet">
        {label}
      </label>
      <textarea
        rows={8}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        {...given}
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-1 w-full rounded-md border border-line-strong bg-surface px-2 py-1 font-mono text-small"
      />
      {hint && (
        <p id={`${id}-hint`} className="mt-1 text-small text-quiet">
          {hint}
        </p>
      )}
    </div>
  )
}
