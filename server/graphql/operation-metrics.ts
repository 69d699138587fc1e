import { getOperationAST, type ExecutionArgs, type ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Deps } from '../deps.ts'
import type { Context } from './builder.ts'
import type { OperationOutcome } from '../metrics/metrics.ts'

/** Operations that take longer are logged. */
const slowMs = 1_000

/**
 * Counts operations that are executed, and logs slow ones. Answers out of memory are not executed. `ownName` gives the name
 * of an operation of the web application: names that clients choose are no labels.
 */
export function useOperationMetrics(
  { log, metrics }: Pick<Deps, 'log' | 'metrics'>,
  ownName: (query: string) => string | null,
): Plugin<Context> {
  const names = new WeakMap<object, string>()
  return {
    onParams({ params, context }) {
      const name = ownName(params.query ?? '')
      if (name !== null) names.set(context, name)
    },
    onExecute({ args, context }) {
      const startedAt = performance.now()
      const { document, operationName } = args as ExecutionArgs
      return {
        onExecuteDone({ result }) {
          metrics.operations.inc({
            operation: names.get(context) ?? 'other',
            outcome: outcomeOf(result as ExecutionResult),
          })
          const durationMs = Math.round(performance.now() - startedAt)
          if (durationMs < slowMs) return
          const name = getOperationAST(document, operationName)?.name?.value ?? null
          const { requestId } = context
          log.warn({ requestId, operation: name, durationMs }, 'slow operation')
        },
      }
    },
  }
}

function outcomeOf({ errors = [] }: Partial<ExecutionResult>): OperationOutcome {
  if (errors.length === 0) return 'ok'
  return errors.some(
    ({ extensions }) => extensions['code'] === undefined || extensions['code'] === 'INTERNAL_SERVER_ERROR',
  )
    ? 'error'
    : 'refused'
}
