import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Opens a client, which connects with its first statement. `onQuery` is told each statement. */
export type OpenClient = (adapter: SqlDriverAdapterFactory, onQuery?: (sql: string) => void) => PrismaClient

/** Opens clients of a generated class: each database engine has one of its own. */
export function openerOf(Client: typeof PrismaClient): OpenClient {
  return (adapter, onQuery) => {
    const client = new Client({
      adapter,
      ...(onQuery ? { log: [{ emit: 'event', level: 'query' }] } : {}),
      transactionOptions: { maxWait: 120_000, timeout: 120_000 },
    })
    if (onQuery) (client as PrismaClient<'query'>).$on('query', (event) => onQuery(event.query))
    return client
  }
}
