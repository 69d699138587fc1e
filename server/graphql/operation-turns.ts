import type { ExecutionArgs } from 'graphql'
import { getOperationAST, OperationTypeNode } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { fairTurns } from '../fair-turns.ts'
import { nextTurn } from '../loop-turns.ts'
import { turnsOfClients } from '../turns-of-clients.ts'
import type { Context } from './builder.ts'
import { limitError, limits } from './limits.ts'
import { operationCost } from './operation-limits.ts'

/**
 * Bounds the queries that are executed at the same time. Cheap ones, which include those of the application, only wait
 * for others of their address. `isOwn` says whether an operation is one of the application. The expensive ones of all
 * addresses have few places together, and addresses take turns. So cheap queries never wait for expensive ones, and a
 * client with many queries leaves room for all others. Too many that wait are refused.
 */
export function useOperationTurns(isOwn: (query: string) => boolean): Plugin<Context> {
  const own = new WeakSet<object>()
  const cheap = turnsOfClients(limits.operationsPerAddress)
  const expensive = fairTurns(limits.expensiveOperations)
  return {
    onParams({ params, context }) {
      if (isOwn(params.query ?? '')) own.add(context)
    },
    onExecute({ args, context, executeFn, setExecuteFn, setResultAndStopExecution }) {
      const { document, operationName } = args as ExecutionArgs
      if (getOperationAST(document, operationName)?.operation !== OperationTypeNode.QUERY) return
      const { address } = context
      const isCheap = own.has(context) || operationCost(context) <= limits.cheapCost
      const waiting = isCheap ? cheap(address).pendingCount : expensive.waitingOf(address)
      if (waiting >= limits.waitingPerAddress) {
        const refusal = limitError(
          'RATE_LIMIT',
          `${waiting} operations of ${address} wait already: send the next one when some are answered`,
          { max: limits.waitingPerAddress },
          429,
        )
        setResultAndStopExecution({ errors: [refusal] })
        return
      }
      setExecuteFn((those: ExecutionArgs) =>
        isCheap
          ? cheap(address)(async () => executeFn(those) as unknown)
          : expensive.run(address, async () => {
              await nextTurn()
              return executeFn(those) as unknown
            }),
      )
    },
  }
}
