import { MultipartError } from './multipart-error.ts'

/** One part of a multipart body: the name of its field, and its bytes as they arrive. */
export type Part = { name: string; fileName: string | null; content: AsyncIterable<Uint8Array> }

/** Maximum size of the header of a part, with room for long names. */
const maxHeaderBytes = 4_096
const lineEnd = Buffer.from('\r\n')
const headerEnd = Buffer.from('\r\n\r\n')

/** The boundary that a Content-Type of `multipart/form-data` names. Throws MultipartError. Source: RFC 2046 §5.1.1. */
export function boundaryOf(contentType: string): string {
  const boundary = parametersOf(contentType).get('boundary') ?? ''
  if (!/^[\x20-\x7e]{0,69}[\x21-\x7e]$/.test(boundary))
    throw new MultipartError('Content-Type names no boundary of 1 to 70 characters')
  return boundary
}

/**
 * The parts of a body, in their order. Memory does not grow with a part: its content is read as it is asked for,
 * and the rest is skipped when the next part is asked for. Throws MultipartError if the body is not
 * multipart, and whatever `chunks` throws. Source: RFC 7578, RFC 2046 §5.1.
 */
export async function* readParts(
  chunks: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<Part, void, void> {
  const source = chunks[Symbol.asyncIterator]()
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  // The first delimiter has no line in front of it.
  let rest: Buffer = lineEnd

  async function readMore(what: string): Promise<void> {
    const next = await source.next()
    if (next.done) throw new MultipartError(`the body ends within ${what}`)
    const { buffer, byteOffset, byteLength } = next.value
    const chunk = Buffer.from(buffer, byteOffset, byteLength)
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
  }

  function take(end: number): Buffer {
    const taken = rest.subarray(0, end)
    rest = rest.subarray(end)
    return taken
  }

  /** The bytes before the next delimiter; removes both. */
  async function* readToDelimiter(what: string): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const at = rest.indexOf(delimiter)
      const content = take(at === -1 ? startOfPrefix(rest, delimiter) : at)
      if (content.length > 0) yield content
      if (at !== -1) {
        take(delimiter.length)
        return
      }
      await readMore(what)
    }
  }

  /** The text before `ending`; removes both. */
  async function readLine(ending: Buffer, what: string): Promise<string> {
    for (;;) {
      const at = rest.indexOf(ending)
      if (at > maxHeaderBytes || (at === -1 && rest.length > maxHeaderBytes))
        throw new MultipartError(`${what} has more than ${maxHeaderBytes} bytes`)
      if (at !== -1) {
        const line = take(at).toString()
        take(ending.length)
        return line
      }
      await readMore(what)
    }
  }

  await exhaust(readToDelimiter('its preamble'))
  for (;;) {
    while (rest.length < 2) await readMore('a boundary')
    if (rest.subarray(0, 2).toString() === '--') return
    const padding = await readLine(lineEnd, 'a boundary')
    if (!/^[ \t]*$/.test(padding)) throw new MultipartError('a boundary is followed by something else')
    while (rest.length < 2) await readMore('the header of a part')
    const hasHeader = !rest.subarray(0, 2).equals(lineEnd)
    const { name, fileName } = parseHeader(hasHeader ? await readLine(headerEnd, 'the header of a part') : '')
    const content = readToDelimiter(`the part ${JSON.stringify(name)}`)
    yield { name, fileName, content }
    await exhaust(content)
  }
}

async function exhaust(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  while (!(await chunks.next()).done);
}

/** Index in `bytes` from which on they could be the start of `delimiter`; the length of `bytes` if they cannot. */
function startOfPrefix(bytes: Buffer, delimiter: Buffer): number {
  let at = Math.max(0, bytes.length - delimiter.length + 1)
  for (;;) {
    at = bytes.indexOf(13, at)
    if (at === -1) return bytes.length
    if (bytes.subarray(at).equals(delimiter.subarray(0, bytes.length - at))) return at
    at += 1
  }
}

function parseHeader(header: string): { name: string; fileName: string | null } {
  const lines = header.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  const field = (name: string) => lines.find((line) => line.toLowerCase().startsWith(`${name}:`))
  const disposition = field('content-disposition') ?? ''
  const parameters = parametersOf(disposition)
  const name = parameters.get('name')
  if (!/^[^:]*:\s*form-data\s*(;|$)/i.test(disposition) || name === undefined)
    throw new MultipartError('a part has no name: each needs Content-Disposition: form-data; name="…"')
  const encoding = /:\s*(\S*)/.exec(field('content-transfer-encoding') ?? '')?.[1]?.toLowerCase()
  if (encoding !== undefined && !['binary', '8bit', '7bit', ''].includes(encoding))
    throw new MultipartError(
      `the part ${JSON.stringify(name)} is encoded as ${JSON.stringify(encoding)}: send its bytes as they are`,
    )
  return { name, fileName: parameters.get('filename') ?? null }
}

/** `a=b; c="d \" e"`, by names in lower case. In quotes, a backslash stands before a quote or itself only. */
function parametersOf(field: string): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const [, name = '', quoted, token = ''] of field.matchAll(
    /;\s*([^\s=;"]+)\s*=\s*(?:"((?:\\["\\]|[^"])*)"|([^;]*))/g,
  ))
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(["\\])/g, '$1') ?? token.trim())
  return parameters
}
