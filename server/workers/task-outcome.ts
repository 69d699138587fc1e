import { MalformedError, NotAnalysableError } from '../errors.ts'
import { OpamLimitError, OpamSyntaxError } from '../formats/opam/opam-error.ts'

/** How a task ended, as its process tells it to the server. */
export type TaskOutcome = { kind: 'returned'; value: unknown } | ThrownByTask

type ThrownByTask = {
  kind: 'threw'
  message: string
  stack: string | undefined
  name: string
  className: ClassName | null
  facts: Record<string, unknown>
}

type ClassName = keyof typeof errorClasses

/** The errors that callers of tasks tell apart; a class stands before those it extends. */
const errorClasses = { OpamSyntaxError, MalformedError, OpamLimitError, NotAnalysableError }
const classNames = Object.keys(errorClasses) as ClassName[]

/** Errors lose their class and its facts on the way to another process: these go beside the message. */
export function packError(error: unknown): TaskOutcome {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  const className = classNames.find((each) => error instanceof errorClasses[each]) ?? null
  return { kind: 'threw', message, stack, name, className, facts: className ? { ...(error as Error) } : {} }
}

/** What `packError` was given, as an instance of the same class with the same facts. */
export function unpackError({ message, stack, name, className, facts }: ThrownByTask): Error {
  const error = new Error(message)
  if (className) Object.setPrototypeOf(error, errorClasses[className].prototype)
  return Object.assign(error, { stack, name }, facts)
}
