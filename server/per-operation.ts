import { oneForEach } from './one-for-each.ts'

/** A value that the fields of one GraphQL operation share, such as a loader. It lives as long as its context. */
export function perOperation<Context extends object, Value>(
  make: (context: Context) => Value,
): (context: Context) => Value {
  return oneForEach(make)
}
