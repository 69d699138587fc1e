import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import busboy from 'busboy'
import { GraphQLError } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { z } from 'zod'
import type { UploadedFile } from './builder.ts'

/** Maximum size of the fields of a multipart request, without the file. */
const maxFieldBytes = 100_000
/** A request in JSON, or as a form. */
const maxBodyBytes = 1_000_000

function refused(status: number, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status } } })
}

/**
 * Reads multipart requests as a stream: the operation runs as soon as its file begins, and the resolver pulls
 * the bytes of the file. Yoga's own reader would hold the whole file in memory.
 *
 * Other bodies are limited to 1 MB. Source: graphql-multipart-request-spec.
 */
export function useStreamedMultipart(): Plugin<object, { req: IncomingMessage }> {
  return {
    onRequestParse({ request, serverContext, setRequestParser }) {
      if (request.method !== 'POST') return
      if (request.headers.get('content-type')?.startsWith('multipart/form-data')) {
        setRequestParser(() => readMultipart(serverContext.req))
        return
      }
      const length = request.headers.get('content-length')
      if (length === null) throw refused(411, 'send the length of the body as Content-Length')
      if (!(Number(length) <= maxBodyBytes)) {
        throw refused(
          413,
          `the body has ${length} bytes, more than ${maxBodyBytes}: send files as multipart/form-data`,
        )
      }
    },
  }
}

const Operation = z.looseObject({ query: z.string().optional(), variables: z.looseObject({}).optional() })
const FileMap = z.record(z.string(), z.array(z.string()))

async function readMultipart(request: IncomingMessage): Promise<GraphQLParams> {
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>()
    let form: busboy.Busboy
    try {
      form = busboy({ headers: request.headers, limits: { fieldSize: maxFieldBytes, fields: 2, files: 1 } })
    } catch (error) {
      // busboy throws plain errors for content types without a boundary.
      reject(refused(400, `bad multipart request: ${error instanceof Error ? error.message : 'unreadable'}`))
      return
    }
    form.on('field', (name, value, { valueTruncated }) => {
      if (valueTruncated) reject(refused(413, `the part ${name} is longer than ${maxFieldBytes} bytes`))
      fields.set(name, value)
    })
    form.on('file', (name, stream) => {
      // The iterator reports the error to a reader of the file. Without a reader it is ignored.
      stream.on('error', () => {})
      try {
        const file = { chunks: chunksOf(stream) }
        resolve(
          withFile(parsePart(fields, 'operations', Operation), parsePart(fields, 'map', FileMap), name, file),
        )
      } catch (error) {
        stream.resume()
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
    form.on('error', (error) => reject(refused(400, `bad multipart request: ${String(error)}`)))
    form.on('close', () =>
      reject(refused(400, 'a multipart request needs the parts operations, map and a file')),
    )
    // If the client disconnects, the file ends early, and the upload fails.
    request.once('close', () => {
      if (!request.complete) form.destroy(new Error('the client went away'))
    })
    request.pipe(form)
  })
}

function parsePart<Value>(
  fields: ReadonlyMap<string, string>,
  name: string,
  schema: z.ZodType<Value>,
): Value {
  const text = fields.get(name)
  if (text === undefined) throw refused(400, `the part ${name} must come before the file`)
  try {
    return schema.parse(JSON.parse(text))
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
  const paths = Object.hasOwn(map, name) ? map[name] : undefined
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

async function* chunksOf(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield chunk
  } catch {
    throw refused(400, 'the request ended before the file did: send it again')
  }
}
