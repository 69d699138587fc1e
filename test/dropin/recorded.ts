import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { corpusPath } from '../corpus.ts'

/** A request to builder-web and its answer. Of HTML only the status and the type were kept. */
export type Recorded = {
  method: string
  path: string
  headers: Record<string, string>
  status: number
  location?: string | undefined
  mediaType?: string | undefined
  json?: unknown
  text?: string | undefined
  sizeBytes?: number | undefined
  /** What builder's decoder says of an answer that is a build record. */
  record?: unknown
}

/** What names a request in lists. */
export function nameOf({ method, path, headers }: Recorded): string {
  const told = Object.entries(headers).map(([name, value]) => ` ${name}: ${value}`)
  return `${method} ${path}${told.join('')}`
}

/** Integers that JavaScript's numbers do not hold become strings. */
const readJson = (name: string): unknown =>
  JSON.parse(
    readFileSync(corpusPath('web', name), 'utf8').replace(/(?<=[:[]\s*)-?\d{16,}(?=\s*[,}\]])/g, '"$&"'),
  )

const Exchange = z.object({
  method: z.string().default('GET'),
  path: z.string(),
  request_headers: z.record(z.string(), z.string()).default({}),
  status: z.number(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body_size: z.number().optional(),
  json: z.unknown().optional(),
  text: z.string().optional(),
})

function toRecorded({
  headers: sent,
  request_headers,
  body_size,
  ...rest
}: z.infer<typeof Exchange>): Recorded {
  const headers = new Map(sent.map(([name, value]) => [name.toLowerCase(), value]))
  const mediaType = headers.get('content-type')?.split(';')[0]
  const isPage = mediaType === 'text/html' && rest.text === undefined
  return {
    ...rest,
    headers: request_headers,
    location: headers.get('location'),
    mediaType,
    ...(isPage || rest.json !== undefined ? {} : { sizeBytes: body_size }),
  }
}

/** What was posted before `functionalRequests`, in order: files of the corpus, and what was answered. */
export function functionalUploads(): { file: string; status: number }[] {
  const Upload = z.object({ file: z.string(), status: z.number() })
  return z
    .array(Upload)
    .parse(readJson('functional-uploads.json'))
    .map(({ file, status }) => ({ file: corpusPath('web', file), status }))
}

export function functionalRequests(): Recorded[] {
  return z.array(Exchange).parse(readJson('functional-get.json')).map(toRecorded)
}

/**
 * Records that builder-web stored before `edgeRequests`, with what its decoder says of them; some of
 * them it should not have. The corpus does not have the file of each.
 */
export function edgeUploads(): { file: string; uuid: string }[] {
  const Upload = z.object({ file: z.string().optional(), status: z.number() })
  const Told = z.object({ value: z.object({ uuid: z.string() }) })
  return z
    .array(Upload)
    .parse(readJson('uploads.json'))
    .flatMap(({ file = '', status }) => (status === 201 || status === 409 ? [corpusPath('asn1', file)] : []))
    .filter((file) => file.endsWith('.der') && existsSync(file))
    .map((file) => {
      const told = JSON.parse(readFileSync(file.replace(/\.der$/, '.json'), 'utf8')) as unknown
      return { file, uuid: Told.parse(told).value.uuid }
    })
}

const Part = z.object({ status: z.number(), body_size: z.number().optional(), text: z.string().optional() })
const Edge = z.object({
  builds: z.array(
    z.object({
      uuid: z.string(),
      job: z.string(),
      page_json: Part.extend({ json: z.unknown().optional() }),
      page_html: Part,
      console: Part,
      script: Part,
      exec: z.object({ status: z.number().default(200), value: z.unknown().optional() }),
    }),
  ),
  files: z.array(Exchange.extend({ build: z.string() })),
})

/** Every URL of every build of `edgeUploads`, and files with paths that are out of the ordinary. */
export function edgeRequests(): Recorded[] {
  const uploaded = new Set(edgeUploads().map(({ uuid }) => uuid))
  const { builds, files } = Edge.parse(readJson('edge-get.json'))
  const get = { method: 'GET', headers: {} }
  return [
    ...builds
      .filter(({ uuid }) => uploaded.has(uuid))
      .flatMap(({ uuid, job, page_json, page_html, console, script, exec }): Recorded[] => {
        // The file is Latin-1 where a name is not ASCII; its bytes are what was asked for.
        const name = encodeURIComponent(Buffer.from(job, 'latin1').toString())
        const path = `/job/${name}/build/${uuid}`
        const isBlank = ({ status }: { status: number }) => status >= 400
        const textOf = (part: z.infer<typeof Part>) =>
          isBlank(part) ? {} : { mediaType: 'text/plain', text: part.text, sizeBytes: part.body_size }
        return [
          {
            ...get,
            headers: { Accept: 'application/json' },
            path,
            status: page_json.status,
            ...(isBlank(page_json) ? {} : { mediaType: 'application/json', json: page_json.json }),
          },
          { ...get, path, status: page_html.status, mediaType: 'text/html' },
          { ...get, path: `${path}/console`, status: console.status, ...textOf(console) },
          { ...get, path: `${path}/script`, status: script.status, ...textOf(script) },
          { ...get, path: `${path}/exec`, status: exec.status, record: exec.value },
        ]
      }),
    ...files
      .filter(({ build }) => uploaded.has(build))
      .map(({ build, ...exchange }) => ({
        ...toRecorded(exchange),
        path: `/job/hello/build/${build}/f/${exchange.path}`,
      })),
  ]
}
