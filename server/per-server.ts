import { oneForEach } from './one-for-each.ts'

/**
 * A value that belongs to one server, such as a cache: two servers in one process share nothing. `part` is anything
 * that each server has one of, such as `deps.workers`.
 */
export function perServer<Value>(make: () => Value): (part: object) => Value {
  return oneForEach(make)
}
