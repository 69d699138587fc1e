import type { PrismaClient } from '../generated/prisma/client.ts'
import { hexOf, isHashColumn, toHash } from './hash.ts'
import type { Transaction } from './writer.ts'

/** Methods of a client whose result is the rows of an SQL statement. */
const rawReads = new Set(['$queryRaw', '$queryRawUnsafe'])

type Method = (...args: unknown[]) => Promise<unknown>

/**
 * The client with hashes as hexadecimal digits. The database stores hashes as bytes. Code uses texts, which are keys
 * of a Map and are compared with ===. The generated types say so, too (scripts/brand-ids.mjs).
 *
 * Arguments and results of models are converted in the columns that hold hashes. In the rows of raw SQL, all bytes are
 * hashes: read other bytes with a model. Parameters of raw SQL are not converted: `hash` of sql.ts writes them.
 */
export function withHexHashes<Client extends PrismaClient | Transaction>(client: Client): Client {
  const models = new Map<string | symbol, object>()
  return new Proxy(client, {
    get(target, name) {
      const known = models.get(name)
      if (known) return known
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value === 'function') {
        const method = (value as Method).bind(target)
        return rawReads.has(String(name))
          ? async (...args: unknown[]) => toHex(await method(...args), true)
          : method
      }
      if (typeof name === 'symbol' || /^[$_]/.test(name) || !isObject(value)) return value
      const model = withHexColumns(value)
      models.set(name, model)
      return model
    },
  })
}

/** The methods of a model, such as `findMany`. */
function withHexColumns(model: object): object {
  return new Proxy(model, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return async (args: unknown) => toHex(await (value as Method).call(target, toBytes(args)), false)
    },
  })
}

/** Arguments of a model's method with bytes in place of hexadecimal hashes. */
function toBytes(args: unknown): unknown {
  if (Array.isArray(args)) return args.map(toBytes)
  if (!isPlain(args)) return args
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => {
      // Only there, a column has a text that is no value of it.
      if (name === 'orderBy') return [name, value]
      return [name, isHashColumn(name) ? hashesIn(value) : toBytes(value)]
    }),
  )
}

/** A hash, a list of hashes, or a condition on a hash. */
function hashesIn(value: unknown): unknown {
  if (typeof value === 'string') return toHash(value)
  if (Array.isArray(value)) return value.map(hashesIn)
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, hashesIn(part)]))
}

/** Writes hexadecimal digits in place of the hashes of a result, which is fresh from the database. */
function toHex(result: unknown, isRaw: boolean): unknown {
  if (Array.isArray(result)) for (const one of result) toHex(one, isRaw)
  else if (isPlain(result))
    for (const name in result) {
      const value = result[name]
      if (value instanceof Uint8Array) {
        if (isRaw || isHashColumn(name)) result[name] = hexOf(value)
      } else if (isObject(value)) toHex(value, isRaw)
    }
  return result
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Neither bytes nor a time. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !(value instanceof Date) && !ArrayBuffer.isView(value)
}
