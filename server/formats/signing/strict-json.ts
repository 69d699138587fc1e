import { MalformedError } from '../../errors.ts'

/** A value of JSON, as read. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

const maxDepth = 64
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads JSON on which a signature depends: two readers must never see two different values. Therefore two keys with one name in an object
 * are refused, as are bytes that are not UTF-8 and more than 64 levels. Throws MalformedError; `format` is in its message.
 */
export function parseStrictJson(bytes: Uint8Array, format: string, maxBytes: number): Json {
  if (bytes.length > maxBytes)
    throw new MalformedError(format, maxBytes, `it has more than ${maxBytes} bytes`)
  let text
  try {
    text = utf8.decode(bytes)
  } catch {
    throw new MalformedError(format, 0, 'it is not UTF-8')
  }
  checkNames(text, format)
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new MalformedError(format, 0, 'it is not JSON')
  }
}

/** Throws MalformedError if the value is no object. */
export function asObject(value: Json | undefined, format: string, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedError(format, 0, `${what} is no object`)
  return value
}

/** Throws MalformedError if the value is no list, or has more members than `max`. */
export function asList(value: Json | undefined, format: string, what: string, max: number): Json[] {
  if (!Array.isArray(value)) throw new MalformedError(format, 0, `${what} is no list`)
  if (value.length > max) throw new MalformedError(format, 0, `${what} has more than ${max} entries`)
  return value
}

/** Throws MalformedError if the value is no text. */
export function asText(value: Json | undefined, format: string, what: string): string {
  if (typeof value !== 'string') throw new MalformedError(format, 0, `${what} is no text`)
  return value
}

type Level = { names: Set<string> | null; wantsName: boolean }

/** Looks at brackets and names only. JSON.parse says afterwards whether the rest is JSON. */
function checkNames(text: string, format: string): void {
  const levels: Level[] = []
  const fault = (at: number, reason: string) =>
    new MalformedError(format, new TextEncoder().encode(text.slice(0, at)).length, reason)
  for (let at = 0; at < text.length; at++) {
    const level = levels.at(-1)
    switch (text[at]) {
      case '{':
      case '[':
        if (levels.length === maxDepth) throw fault(at, `it has more than ${maxDepth} levels`)
        levels.push(
          text[at] === '{' ? { names: new Set(), wantsName: true } : { names: null, wantsName: false },
        )
        break
      case '}':
      case ']':
        levels.pop()
        break
      case ',':
        if (level?.names) level.wantsName = true
        break
      case '"': {
        const end = endOfString(text, at)
        if (level?.names && level.wantsName) {
          const name = readName(text.slice(at, end))
          if (name === null) throw fault(at, 'it is not JSON')
          if (level.names.has(name)) throw fault(at, 'an object has two keys with one name')
          level.names.add(name)
          level.wantsName = false
        }
        at = end - 1
        break
      }
      default:
        break
    }
  }
}

/** Where the string that begins at `start` ends: after its quotation mark, or with the text. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return text.length
}

function readName(quoted: string): string | null {
  try {
    const name: unknown = JSON.parse(quoted)
    return typeof name === 'string' ? name : null
  } catch {
    return null
  }
}
