import type { OperationVariables } from '@apollo/client'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { PasswordPrompt } from '../account/PasswordPrompt.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { type Mutation, useAct } from './use-act.ts'

type Common<Variables extends OperationVariables> = {
  label: string
  /** For screen readers, where several buttons have one label. */
  of?: string
  mutation: Mutation<Variables>
  variables: Variables
  /** Called with the result of the mutation. */
  onDone?: (outcome: Record<string, unknown>) => void
}

const nameOf = (label: string, of: string | undefined) =>
  of === undefined ? undefined : `${label} ${visibleName(of)}`

/** A button that does something at once: what can be taken back, or does no harm. */
export function ActButton<Variables extends OperationVariables>(props: Common<Variables>) {
  const { label, of, mutation, onDone, variables } = props
  const { act, asksPassword, forget, isRunning, refusal } = useAct(mutation)
  const run = () => void act(variables).then((outcome) => outcome && onDone?.(outcome))
  return (
    <span className="inline-flex flex-wrap items-center">
      <button
        type="button"
        className="control"
        aria-label={nameOf(label, of)}
        disabled={isRunning}
        onClick={run}
      >
        {label}
      </button>
      <Refusal text={refusal} />
      {asksPassword && (
        <Modal title={label} onClose={forget}>
          <PasswordPrompt onDone={run} onCancel={forget} />
        </Modal>
      )}
    </span>
  )
}

export function Refusal({ text }: { text: string | null }) {
  return (
    <span role="alert" className="text-small text-bad not-empty:ml-2">
      {text}
    </span>
  )
}

/**
 * A button that asks first. The dialog says what will be done; with `name`, that has to be typed. `fields`: inputs whose values
 * `variables` takes.
 */
export function ConfirmButton<Variables extends OperationVariables>(
  props: Omit<Common<Variables>, 'variables'> & {
    title: string
    variables: (form: FormData) => Variables
    /** What is to be typed to confirm; absent: the button alone. */
    name?: string
    /** Shown while the dialog is open. */
    children: ReactNode
  },
) {
  const { label, of } = props
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className="control"
        aria-label={nameOf(label, of)}
        onClick={() => setIsOpen(true)}
      >
        {label}
      </button>
      {isOpen && <Dialog {...props} onClose={() => setIsOpen(false)} />}
    </>
  )
}

function Dialog<Variables extends OperationVariables>(
  props: Parameters<typeof ConfirmButton<Variables>>[0] & { onClose: () => void },
) {
  const { title, label, mutation, variables, name, children, onClose, onDone } = props
  const { act, asksPassword, forget, isRunning, refusal } = useAct(mutation)
  const [typed, setTyped] = useState('')
  const [sent, setSent] = useState<Variables | null>(null)
  const inputId = useId()

  async function send(wanted: Variables) {
    setSent(wanted)
    const outcome = await act(wanted)
    if (!outcome) return
    onClose()
    onDone?.(outcome)
  }

  return (
    <Modal title={title} onClose={onClose}>
      {asksPassword && sent && <PasswordPrompt onDone={() => void send(sent)} onCancel={forget} />}
      <form
        className="mt-2 space-y-3"
        hidden={asksPassword}
        onSubmit={(event) => {
          event.preventDefault()
          void send(variables(new FormData(event.currentTarget)))
        }}
      >
        <div className="space-y-2">{children}</div>
        {name !== undefined && (
          <div>
            <label htmlFor={inputId} className="block text-small text-quiet">
              Type <code className="wrap-anywhere text-text">{visibleName(name)}</code> to confirm
            </label>
            <input
              id={inputId}
              className="mt-1 h-8 w-full rounded-md border border-line-strong bg-surface px-2"
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          </div>
        )}
        <Refusal text={refusal} />
        <div className="flex justify-end gap-2">
          <button type="button" className="control" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="control control-main"
            disabled={isRunning || (name !== undefined && typed !== name && typed !== visibleName(name))}
          >
            {label}
          </button>
        </div>
      </form>
    </Modal>
  )
}

/** A dialog above the page, which cannot be used meanwhile. */
function Modal(props: { title: string; onClose: () => void; children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => ref.current?.showModal(), [])
  return (
    <dialog
      ref={ref}
      onClose={props.onClose}
      aria-labelledby={titleId}
      className="m-auto w-[30rem] max-w-[calc(100vw-2rem)] rounded-md border border-line-strong bg-surface p-5 text-left font-normal whitespace-normal text-text backdrop:bg-black/40"
    >
      <h2 id={titleId} className="font-semibold">
        {visibleName(props.title)}
      </h2>
      {props.children}
    </dialog>
  )
}

/** The text of a field of a form. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}
