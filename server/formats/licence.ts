import parseExpression from 'spdx-expression-parse'
import deprecatedIds from 'spdx-license-ids/deprecated.json' with { type: 'json' }
import ids from 'spdx-license-ids/index.json' with { type: 'json' }

/** A licence: an SPDX expression, or words that are none. */
export type Licence = { kind: 'EXPRESSION' | 'NAME'; text: string }

/** Expressions are short. What is longer is words. */
const maxExpressionLength = 500
const spellings = new Map([...deprecatedIds, ...ids].map((id) => [id.toLowerCase(), id]))

/**
 * Reads the `license` field of an opam file. Ids are put into their right case; nothing else is guessed: "BSD-like" is no licence of SPDX.
 * Several licences all apply. Null: the field is empty.
 */
export function readLicence(texts: readonly string[]): Licence | null {
  const parts = texts.map((text) => text.trim()).filter((text) => text !== '')
  const [first] = parts
  if (first === undefined) return null
  const expressions = parts.map(readExpression)
  if (expressions.some((expression) => expression === null)) return { kind: 'NAME', text: parts.join(', ') }
  if (parts.length === 1) return { kind: 'EXPRESSION', text: expressions[0] ?? first }
  const grouped = expressions.map((one) => (/\s(?:AND|OR)\s/i.test(one ?? '') ? `(${one})` : one))
  return { kind: 'EXPRESSION', text: grouped.join(' AND ') }
}

/** The expression with its ids in their right case. Null: it is none. */
function readExpression(text: string): string | null {
  if (text.length > maxExpressionLength) return null
  const spelled = text.replace(/[\w.+-]+/g, (word) => spellings.get(word.toLowerCase()) ?? word)
  return [text, spelled].find(isExpression) ?? null
}

function isExpression(text: string): boolean {
  try {
    parseExpression(text)
    return true
  } catch {
    return false
  }
}
