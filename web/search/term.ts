import { isUuid } from '../address/uuid.ts'

/** What somebody typed into the search box, by what it can find. */
export type SearchTerm =
  | { kind: 'nothing' }
  | { kind: 'sha256'; sha256: string }
  | { kind: 'uuid'; uuid: string }
  | { kind: 'text'; text: string }

/** Reads a search. `sha256:` before a hash, as tools print it, is understood; so are capitals. */
export function parseSearchTerm(input: string): SearchTerm {
  const text = input.trim()
  if (text === '') return { kind: 'nothing' }
  const hash = /^(?:sha256[:= ]\s*)?([0-9a-f]{64})$/i.exec(text)?.[1]
  if (hash) return { kind: 'sha256', sha256: hash.toLowerCase() }
  if (isUuid(text)) return { kind: 'uuid', uuid: text.toLowerCase() }
  return { kind: 'text', text }
}

/** The number of digits, if the text looks like a part of a SHA-256: those are found whole only. */
export function countHashDigits(text: string): number | null {
  return /^[0-9a-f]{16,}$/i.test(text) && /\d/.test(text) ? text.length : null
}
