/**
 * A field at the root of an answer. The server gives null for it only beside an error, which Apollo throws
 * before a page is shown.
 */
export function present<Value>(value: Value | null | undefined): Value {
  if (value == null) throw new Error('a part of the answer is missing: reload the page')
  return value
}
