export type PageVariables = { first?: number; after?: string; last?: number; before?: string }

/**
 * Which page of a list an address names: `?after=CURSOR` or `?before=CURSOR`; else the first. A second
 * list of a page puts its name in front: `?reproductions-after=CURSOR`.
 */
export function readPage(search: URLSearchParams, size: number, prefix = ''): PageVariables {
  const before = search.get(`${prefix}before`)
  if (before) return { last: size, before }
  const after = search.get(`${prefix}after`)
  return after ? { first: size, after } : { first: size }
}

/** The number of the page that an address names, from 1: the pager counts on. Null: it has a cursor, and no number. */
export function readPageNumber(search: URLSearchParams, prefix = ''): number | null {
  if (!search.has(`${prefix}after`) && !search.has(`${prefix}before`)) return 1
  const text = search.get(`${prefix}page`) ?? ''
  return /^[1-9]\d{0,6}$/.test(text) ? Number(text) : null
}

/**
 * The query part of an address with some parameters changed: `null` and the empty text remove one.
 * Starts with `?`, or is empty.
 */
export function withParameters(search: URLSearchParams, changes: Record<string, string | null>): string {
  const changed = new URLSearchParams(search)
  for (const [name, value] of Object.entries(changes)) {
    if (value) changed.set(name, value)
    else changed.delete(name)
  }
  const query = changed.toString()
  return query ? `?${query}` : ''
}
