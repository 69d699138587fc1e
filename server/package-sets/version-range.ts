import { DomainError } from '../errors.ts'
import { ecosystemOf } from './ecosystems.ts'

/** A text that names no range of versions. The message says how ranges are written. */
export class VersionRangeError extends DomainError {
  override readonly name = 'VersionRangeError'
}

type Operator = '<' | '<=' | '=' | '>=' | '>'
type Bound = { operator: Operator; version: string }

/** Bounds that all hold. */
export type VersionRange = readonly Bound[]

const bound = /^(<=|>=|<|>|=)?\s*([^\s<>=,]+)$/
const maxBounds = 10

/** A range as addresses write it: `<4.14`, `>=1.0,<2`, `1.5.0`. Throws VersionRangeError. */
export function parseVersionRange(text: string): VersionRange {
  const parts = text.split(',')
  if (parts.length > maxBounds) throw new VersionRangeError(`a range has at most ${maxBounds} bounds`)
  return parts.map((part) => {
    const [, operator = '=', version] = bound.exec(part.trim()) ?? []
    if (version === undefined)
      throw new VersionRangeError(
        `${JSON.stringify(part)} is no bound of versions: write <4.14, >=1.0,<2 or 1.5.0`,
      )
    return { operator: operator as Operator, version }
  })
}

/** Whether a version is in a range, in the order of the ecosystem. Spellings of the same rank are equal: `1.0` and `1.00`. */
export function isInRange(ecosystem: string, range: VersionRange, version: string): boolean {
  const { compare } = ecosystemOf(ecosystem)
  return range.every((one) => {
    const order = compare(version, one.version)
    switch (one.operator) {
      case '<':
        return order < 0
      case '<=':
        return order <= 0
      case '=':
        return order === 0
      case '>=':
        return order >= 0
      case '>':
        return order > 0
    }
  })
}
