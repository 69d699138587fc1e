import type { SqlDriverAdapter, SqlDriverAdapterFactory, Transaction } from '@prisma/driver-adapter-utils'
import type { OpenClient } from '../server/database/open-client.ts'

/**
 * Opens clients that are used again for another database once they are disconnected. A client compiles each statement that
 * it has not sent before, and reads the whole schema when it is made: that takes longer than most tests. What uses a client
 * after it was disconnected fails.
 */
export function reusedClients(openClient: OpenClient): OpenClient {
  const idle: ReturnType<typeof reusableClient>[] = []
  return (adapter, onQuery) => {
    const reusable = idle.pop() ?? reusableClient(openClient, adapter)
    const { client } = reusable
    reusable.connectTo(adapter, onQuery)
    let isOpen = true
    return whileOpen(
      client,
      () => isOpen,
      async () => {
        if (!isOpen) return
        isOpen = false
        if (reusable.isBusy()) return client.$disconnect()
        await reusable.disconnect()
        idle.push(reusable)
      },
    )
  }
}

/** A client whose connection can be replaced. */
function reusableClient(openClient: OpenClient, { provider, adapterName }: SqlDriverAdapterFactory) {
  let factory: SqlDriverAdapterFactory
  let connection: Promise<SqlDriverAdapter> | null = null
  let onQuery: ((sql: string) => void) | undefined
  let running = 0
  const connect = () => (connection ??= factory.connect())

  async function run<T>(action: (connected: SqlDriverAdapter) => Promise<T>): Promise<T> {
    running += 1
    try {
      return await action(await connect())
    } finally {
      running -= 1
    }
  }

  function untilItEnds(transaction: Transaction): Transaction {
    running += 1
    const end = (how: 'commit' | 'rollback') => {
      const original = transaction[how].bind(transaction)
      return () => original().finally(() => (running -= 1))
    }
    return Object.assign(transaction, { commit: end('commit'), rollback: end('rollback') })
  }

  async function disconnect(): Promise<void> {
    const connected = await connection?.catch(() => null)
    connection = null
    await connected?.dispose()
  }

  const client = openClient(
    {
      provider,
      adapterName,
      async connect() {
        const info = (await connect()).getConnectionInfo?.()
        return {
          ...{ provider, adapterName, dispose: disconnect },
          ...(info && { getConnectionInfo: () => info }),
          queryRaw: (query) => run((connected) => connected.queryRaw(query)),
          executeRaw: (query) => run((connected) => connected.executeRaw(query)),
          executeScript: (script) => run((connected) => connected.executeScript(script)),
          startTransaction: (level) =>
            run(async (connected) => untilItEnds(await connected.startTransaction(level))),
        }
      },
    },
    (sql) => onQuery?.(sql),
  )
  return {
    client,
    connectTo(to: SqlDriverAdapterFactory, told?: (sql: string) => void) {
      factory = to
      onQuery = told
    },
    isBusy: () => running > 0,
    disconnect,
  }
}

/** The client, or a model of it, whose methods throw once it is no longer open. What a test puts in their place goes with it. */
function whileOpen<Target extends object>(
  target: Target,
  isOpen: () => boolean,
  disconnect?: () => Promise<void>,
): Target {
  const own = new Map<PropertyKey, unknown>()
  return new Proxy(target, {
    set(_, name, value) {
      own.set(name, value)
      return true
    },
    get(_, name) {
      if (own.has(name)) return own.get(name)
      if (disconnect && name === '$disconnect') return disconnect
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value === 'function')
        return (...args: unknown[]) => {
          if (!isOpen()) throw new Error('the database of this test is closed')
          return (value as (...args: unknown[]) => unknown).apply(target, args)
        }
      const isModel =
        disconnect && typeof name === 'string' && !/^[$_]/.test(name) && typeof value === 'object'
      if (!isModel || value === null) return value
      const model = whileOpen(value, isOpen)
      own.set(name, model)
      return model
    },
  })
}
