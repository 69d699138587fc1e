import { MalformedError, NotAnalysableError } from '../errors.ts'
import { OpamLimitError, OpamSyntaxError } from '../formats/opam/opam-error.ts'

/** Outcome of a task, as the worker process sends it to the server. */
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

/** Error classes that callers of tasks distinguish. A class is listed before the classes that it extends. */
const errorClasses = { OpamSyntaxError, MalformedError, OpamLimitError, NotAnalysableError }
const classNames = Object.keys(errorClasses) as ClassName[]

/** Errors lose their class and fields when they are sent to another process. This adds both to the message. */
export function packError(error: unknown): TaskOutcome {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  const className = classNames.find((each) => error instanceof errorClasses[each]) ?? null
  return { kind: 'threw', message, stack, name, className, facts: className ? { ...(error as Error) } : {} }
}

/** Restores an error that `packError` packed, with its class and fields. */
export function unpackError({ message, stack, name, className, facts }: ThrownByTask): Error {
  const error = new Error(message)
  if (className) Object.setPrototypeOf(error, errorClasses[className].prototype)
  return Object.assign(error, { stack, name }, facts)
}
