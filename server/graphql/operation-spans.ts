import { getOperationAST, type ExecutionArgs, type ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { failSpan, inSpan } from '../tracing.ts'
import type { Context } from './builder.ts'

/**
 * A span for each operation that is executed; answers out of memory are not. `ownName` gives the name of an operation of the
 * web application: names that clients choose are attributes, but no names of spans. Source: OpenTelemetry, semantic
 * conventions, "GraphQL server".
 */
export function useOperationSpans(ownName: (query: string) => string | null): Plugin<Context> {
  const names = new WeakMap<object, string>()
  return {
    onParams({ params, context }) {
      const name = ownName(params.query ?? '')
      if (name !== null) names.set(context, name)
    },
    onExecute({ context, executeFn, setExecuteFn }) {
      setExecuteFn((args: ExecutionArgs) => {
        const operation = getOperationAST(args.document, args.operationName)
        const type = operation?.operation ?? 'query'
        const own = names.get(context)
        const attributes = () => ({
          'graphql.operation.type': type,
          ...(operation?.name ? { 'graphql.operation.name': operation.name.value } : {}),
        })
        const name = own === undefined ? 'GraphQL Operation' : `${type} ${own}`
        return inSpan(name, { attributes }, async (span) => {
          const result = (await executeFn(args)) as ExecutionResult
          const [error] = result.errors ?? []
          if (error) failSpan(span, error.originalError ?? error)
          return result
        })
      })
    },
  }
}
