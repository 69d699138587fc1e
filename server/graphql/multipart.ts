import type { IncomingMessage } from 'node:http'
import type { GraphQLParams } from 'graphql-yoga'
import * as z from 'zod'
import type { UploadedFile } from './builder.ts'
import { refused } from './bad-request.ts'
import { requestBody } from '../request-body.ts'
import { withinDeadline } from './body-deadline.ts'
import { MultipartError } from './multipart-error.ts'
import { boundaryOf, readParts, type Part } from './multipart-parts.ts'

/** Maximum size of the fields of a multipart request, without the file. */
const maxFieldBytes = 100_000
/** Maximum number of other fields. Form libraries add some, such as a token. */
const maxOtherFields = 20

const Operation = z.looseObject({ query: z.string().optional(), variables: z.looseObject({}).optional() })
const FileMap = z.record(z.string(), z.array(z.string()))

/**
 * Reads a multipart request as a stream: the operation runs as soon as its file begins, and the resolver pulls
 * the bytes of the file. Yoga's own reader would hold the whole file in memory.
 *
 * The parts `operations` and `map` may have file names, as parts of JSON do. Fields that the map does not name are
 * ignored. Throws a GraphQLError with a status for any other body. Source: graphql-multipart-request-spec.
 */
export async function readMultipart(request: IncomingMessage): Promise<GraphQLParams> {
  try {
    const body = requestBody(request)
    const { chunks, settle } = withinDeadline(body)
    const parts = readParts(chunks, boundaryOf(request.headers['content-type'] ?? ''))
    const params = await readToFile(parts)
    settle()
    return params
  } catch (error) {
    if (error instanceof MultipartError) throw refused(400, `bad multipart request: ${error.message}`)
    throw error
  }
}

async function readToFile(parts: AsyncGenerator<Part>): Promise<GraphQLParams> {
  const fields = new Map<string, string>()
  let others = 0
  for (;;) {
    // Not for…of, which would end the parts with the loop: the file is read later.
    const next = await parts.next()
    if (next.done) throw refused(400, missing(fields))
    const { name, fileName, content } = next.value
    if (name === 'operations' || name === 'map') {
      if (fields.has(name)) throw refused(400, `the part ${name} is there twice`)
      fields.set(name, await readField(name, content))
      continue
    }
    const map = fields.has('map') ? parsePart(fields, 'map', FileMap) : null
    const isFile = map ? Object.hasOwn(map, name) : false
    if (isFile && map) return withFile(parsePart(fields, 'operations', Operation), map, name, toFile(content))
    // What a form sends for a file that was not chosen has an empty name.
    if (fileName) {
      if (!map || !fields.has('operations')) throw refused(400, tooEarly(fields, name))
      throw refused(400, `the part map does not say where the file ${JSON.stringify(name)} goes`)
    }
    others += 1
    if (others > maxOtherFields)
      throw refused(400, `more than ${maxOtherFields} fields besides operations, map and the file`)
    await readField(name, content)
  }
}

function missing(fields: ReadonlyMap<string, string>): string {
  const absent = ['operations', 'map'].filter((name) => !fields.has(name))
  if (absent.length === 0)
    return 'a multipart request needs the parts operations, map and a file: no file that map names is there'
  return `a multipart request needs the parts operations, map and a file: ${absent.join(' and ')} ${absent.length > 1 ? 'are' : 'is'} missing`
}

function tooEarly(fields: ReadonlyMap<string, string>, file: string): string {
  const absent = ['operations', 'map'].find((name) => !fields.has(name))
  return `${absent} must come before the file ${JSON.stringify(file)}: send operations, then map, then the file`
}

async function readField(name: string, content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of content) {
    bytes += chunk.length
    if (bytes > maxFieldBytes)
      throw refused(413, `the part ${JSON.stringify(name)} is longer than ${maxFieldBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parsePart<Value>(
  fields: ReadonlyMap<string, string>,
  name: string,
  schema: z.ZodType<Value>,
): Value {
  const text = fields.get(name)
  if (text === undefined) throw refused(400, `the part ${name} must come before the file`)
  try {
    return schema.parse(JSON.parse(text.replace(/^\ufeff/, '')))
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : 'it is not JSON'
    throw refused(400, `the part ${name} is not what it should be: ${reason}`)
  }
}

/** Put the file where the map says, e.g. `variables.file`. */
function withFile(
  operation: z.infer<typeof Operation>,
  map: z.infer<typeof FileMap>,
  name: string,
  file: UploadedFile,
): GraphQLParams {
  const paths = map[name]
  if (!paths?.length)
    throw refused(400, `the part map does not say where the file ${JSON.stringify(name)} goes`)
  for (const path of paths) {
    const [root, ...keys] = path.split('.')
    const last = keys.pop()
    let target: unknown = root === 'variables' ? operation.variables : undefined
    for (const key of keys) {
      target = isObject(target) && Object.hasOwn(target, key) ? target[key] : undefined
    }
    if (last === undefined || !isObject(target) || !Object.hasOwn(target, last)) {
      throw refused(400, `the part map names ${JSON.stringify(path)}, which operations does not have`)
    }
    target[last] = file
  }
  return operation
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

const toFile = (content: AsyncIterable<Uint8Array>): UploadedFile => ({ chunks: chunksOf(content) })

async function* chunksOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content
  } catch {
    throw refused(400, 'the request ended before the file did: send it again')
  }
}
