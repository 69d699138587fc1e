import type { ExecutionResult } from 'graphql'
import { handleStreamOrSingleExecutionResult, type Plugin } from 'graphql-yoga'
import type { Context } from './builder.ts'

/** Whose errors are which: the code that masks errors is given the error alone. */
export type ErrorRequestIds = { plugin: Plugin<Context>; idOf: (error: unknown) => string | undefined }

/** Notes the request of each error of an operation, so that the log and the answer name the id of its header. */
export function errorRequestIds(): ErrorRequestIds {
  const ids = new WeakMap<object, string>()
  const noteAll = ({ errors = [] }: Partial<ExecutionResult>, { requestId }: Context) => {
    for (const error of errors) ids.set(error, requestId)
  }
  return {
    idOf: (error) => (typeof error === 'object' && error !== null ? ids.get(error) : undefined),
    plugin: {
      onExecute: ({ context }) => ({
        onExecuteDone: (payload) =>
          handleStreamOrSingleExecutionResult(payload, ({ result }) => noteAll(result, context)),
      }),
      onSubscribe: ({ context }) => ({
        onSubscribeResult: (payload) =>
          handleStreamOrSingleExecutionResult(payload, ({ result }) => noteAll(result, context)),
      }),
    },
  }
}
