import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { alice, basicAuth } from '../app.ts'

/** Response to an upload, as a raw body or as the GraphQL mutation. */
export type Verdict =
  | 'stored'
  | 'exists'
  | 'malformed'
  | 'not-authorized'
  | 'too-large'
  | 'storage-full'
  /** Anything else: a bug, a bad request. */
  | 'other'

export type Answer = { status: number; verdict: Verdict; text: string }

/** One of the two ways in. A request is its head, `before`, the record, `after`. */
export type Door = {
  name: string
  path: string
  headers: Record<string, string>
  before: Buffer
  after: Buffer
  verdictOf: (status: number, body: string) => Verdict
}

const statusVerdicts: Record<number, Verdict> = {
  201: 'stored',
  400: 'malformed',
  401: 'not-authorized',
  403: 'not-authorized',
  409: 'exists',
  413: 'too-large',
  507: 'storage-full',
}

const uploadDoor: Door = {
  name: 'POST /upload',
  path: '/upload',
  // As builder-server sends it.
  headers: { 'Content-Type': 'application/octet-stream', Connection: 'close' },
  before: Buffer.alloc(0),
  after: Buffer.alloc(0),
  verdictOf: (status) => statusVerdicts[status] ?? 'other',
}

const typeVerdicts: Record<string, Verdict> = {
  UploadBuildSuccess: 'stored',
  BuildExistsError: 'exists',
  MalformedRecordError: 'malformed',
  NotAuthorizedError: 'not-authorized',
  RecordTooLargeError: 'too-large',
  StorageFullError: 'storage-full',
}

const boundary = 'the-boundary-of-a-test'
const mutation = `mutation ($file: File!) { uploadBuild(input: { record: $file }) {
  __typename ... on UploadBuildSuccess { build { uuid } } ... on Refusal { message } } }`

function field(name: string, value: unknown): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${JSON.stringify(value)}\r\n`
}

const graphqlDoor: Door = {
  name: 'the multipart mutation',
  path: '/graphql',
  headers: {
    'Content-Type': `multipart/form-data; boundary=${boundary}`,
    Accept: 'application/json',
    Connection: 'keep-alive',
  },
  before: Buffer.from(
    field('operations', { query: mutation, variables: { file: null } }) +
      field('map', { file: ['variables.file'] }) +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="full"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n',
  ),
  after: Buffer.from(`\r\n--${boundary}--\r\n`),
  verdictOf(_status, body) {
    const found = /"__typename":"(\w+)"/.exec(body)
    return typeVerdicts[found?.[1] ?? ''] ?? 'other'
  },
}

export const doors: readonly [Door, Door] = [uploadDoor, graphqlDoor]

/**
 * Send a record of `sizeBytes` bytes as alice, on a connection of its own. Throws when the connection
 * breaks before the answer is there.
 */
export async function send(
  door: Door,
  url: string,
  record: Uint8Array | AsyncIterable<Uint8Array>,
  sizeBytes = record instanceof Uint8Array ? record.length : NaN,
): Promise<Answer> {
  const outgoing = httpRequest(new URL(door.path, url), {
    method: 'POST',
    agent: false,
    headers: {
      ...door.headers,
      Authorization: basicAuth(alice),
      'Content-Length': door.before.length + sizeBytes + door.after.length,
    },
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
    // After an answer this comes too late to be heard.
    outgoing.once('close', () => reject(new Error('the connection ended without an answer')))
  })
  const body = async function* () {
    yield door.before
    if (record instanceof Uint8Array) yield record
    else yield* record
    yield door.after
  }
  // Like curl, the client stops sending once it has the response. Errors of the rest are ignored.
  pipeline(Readable.from(body(), { objectMode: false }), outgoing).catch(() => {})
  try {
    const response = await answered
    const status = response.statusCode ?? 0
    const line = await text(response)
    return { status, verdict: door.verdictOf(status, line), text: line }
  } finally {
    outgoing.destroy()
  }
}

/** The head of a request as alice, as it goes over the wire. */
export function headOf(door: Door, url: string, headers: Record<string, string | number>): Buffer {
  const all = { Host: new URL(url).host, Authorization: basicAuth(alice), ...door.headers, ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${door.path} HTTP/1.1\r\n${lines.join('')}\r\n`)
}

/** Parses the response to the first request on a connection from all received bytes. */
export function answerIn(door: Door, received: string): Answer | null {
  const status = Number(/^HTTP\/1\.1 ([2-5]\d\d) /m.exec(received)?.[1] ?? NaN)
  return Number.isNaN(status) ? null : { status, verdict: door.verdictOf(status, received), text: received }
}
