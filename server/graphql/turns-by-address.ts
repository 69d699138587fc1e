import type { ExecutionArgs } from 'graphql'
import { getOperationAST, OperationTypeNode } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { turnsOfClients } from '../turns-of-clients.ts'
import type { Context } from './builder.ts'
import { limitError, limits } from './limits.ts'

/**
 * Executes a few queries of one address at a time; the others wait, and too many are refused. So the queries
 * of one client, which take the processor for as long as they may, leave room for those of all others.
 */
export function useTurnsByAddress(): Plugin<Context> {
  const turnOf = turnsOfClients(limits.operationsPerAddress)
  return {
    onExecute({ args, context, executeFn, setExecuteFn, setResultAndStopExecution }) {
      const { document, operationName } = args as ExecutionArgs
      if (getOperationAST(document, operationName)?.operation !== OperationTypeNode.QUERY) return
      const { address } = context
      const turn = turnOf(address)
      if (turn.pendingCount >= limits.waitingPerAddress) {
        const refusal = limitError(
          'RATE_LIMIT',
          `${turn.pendingCount} operations of ${address} wait already: send the next one when some are answered`,
          { max: limits.waitingPerAddress },
          429,
        )
        setResultAndStopExecution({ errors: [refusal] })
        return
      }
      setExecuteFn((those: ExecutionArgs) => turn(async () => executeFn(those) as unknown))
    },
  }
}
