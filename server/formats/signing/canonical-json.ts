import { MalformedError } from '../../errors.ts'
import type { Json } from './strict-json.ts'

/**
 * The text that in-toto's links and key ids are over: keys by their bytes, no blanks, strings as `JSON.stringify` writes them, integers
 * only. Throws MalformedError for another number. Source: canonical JSON of in-toto-rs 48e57fd (src/interchange/cjson).
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
    return `{${members.join(',')}}`
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new MalformedError('canonical JSON', 0, `${value} is no integer`)
  return JSON.stringify(value)
}
