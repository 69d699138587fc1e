import {
  ColumnTypeEnum,
  type ArgType,
  type ColumnType,
  type SqlDriverAdapter,
} from '@prisma/driver-adapter-utils'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Transaction } from '../writer.ts'

/** The connection on which the transactions of a writer run, one at a time. */
export type TransactionConnection = {
  adapter: SqlDriverAdapter
  /** False: Prisma has ended the transaction, for example because it took too long. */
  isInTransaction: () => boolean
}

/**
 * A transaction whose SQL statements go straight to its connection. Prisma takes several times as long for a statement as
 * SQLite, and an upload or a removal has some dozens. Statements of models stay Prisma's: both are in one transaction. Results are
 * those of Prisma: test/server/database/direct-statements.test.ts compares them.
 */
export function withDirectStatements(
  tx: Transaction,
  connection: () => TransactionConnection | null,
  onQuery: (sql: string) => void = () => {},
): Transaction {
  const send = (statement: Prisma.Sql, { isInTransaction }: TransactionConnection) => {
    if (!isInTransaction()) throw new Error('the transaction has ended: it took too long')
    const sql = statement.sql
    onQuery(sql)
    return { sql, args: statement.values, argTypes: statement.values.map(() => anyType) }
  }
  return new Proxy(tx, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (name !== '$executeRaw' && name !== '$queryRaw') return value
      const throughPrisma = (value as (...args: unknown[]) => Promise<unknown>).bind(target)
      return async (...args: unknown[]): Promise<unknown> => {
        const [first, ...values] = args
        const statement = isTemplate(first) ? Prisma.sql(first, ...values) : first
        const own = connection()
        if (own === null || !(statement instanceof Prisma.Sql)) return throughPrisma(...args)
        const query = send(statement, own)
        if (name === '$executeRaw') return own.adapter.executeRaw(query)
        const { columnNames, columnTypes, rows } = await own.adapter.queryRaw(query)
        return rows.map((row) =>
          Object.fromEntries(
            columnNames.map((column, n) => [column, valueOf(row[n], columnTypes[n] ?? ColumnTypeEnum.Text)]),
          ),
        )
      }
    },
  })
}

/** The texts of a tagged template, such as tx.$executeRaw`…`. */
const isTemplate = (value: unknown): value is TemplateStringsArray => Array.isArray(value) && 'raw' in value

/** The adapter converts texts to what their types say; here each value has its type already. */
const anyType: ArgType = { scalarType: 'unknown', arity: 'scalar' }

/** A value of a row as `$queryRaw` of Prisma gives it. The adapter gives times as texts. */
function valueOf(value: unknown, type: ColumnType): unknown {
  if (value === null) return null
  switch (type) {
    case ColumnTypeEnum.Int64:
      return BigInt(value as number | string)
    case ColumnTypeEnum.DateTime:
    case ColumnTypeEnum.Date:
      return new Date(value as string)
    case ColumnTypeEnum.Boolean:
      return Boolean(value)
    case ColumnTypeEnum.Bytes:
    case ColumnTypeEnum.Int32:
    case ColumnTypeEnum.Double:
    case ColumnTypeEnum.Float:
    case ColumnTypeEnum.Text:
    case ColumnTypeEnum.UnknownNumber:
      return value
    default:
      throw new Error(`SQL statements give no column of the type ${type}`)
  }
}
