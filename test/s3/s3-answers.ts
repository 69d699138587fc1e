import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export type StoredObject = { bytes: Buffer; etag: string; modifiedAt: Date }

/** How servers differ. */
export type StoreRules = {
  conditionalWrites: 'honoured' | 'ignored' | 'refused'
  /** Of `x-amz-checksum-sha256` and `x-amz-content-sha256`. */
  verifiesChecksums: boolean
  tagsAreMd5: boolean
  /** Of lists. */
  pageSize: number
}

type Store = { objects: Map<string, StoredObject>; uploads: Map<string, Map<number, Buffer>> }
type Answer = { status: number; headers?: Record<string, string | number>; body: Buffer }

class Refusal extends Error {
  readonly status: number
  constructor(status: number, code: string) {
    super(code)
    this.status = status
  }
}

/** The answer of a store to a request. */
export function answerRequest(
  request: IncomingMessage,
  body: Buffer,
  store: Store,
  rules: StoreRules,
): Answer {
  try {
    const url = new URL(request.url ?? '', 'http://double')
    checkSignature(request, url)
    const [, bucket = '', ...rest] = url.pathname.split('/').map(decodeURIComponent)
    if (bucket !== 'hub') throw new Refusal(404, 'NoSuchBucket')
    const key = rest.join('/')
    if (key === '') return answerBucket(request, url, store, rules)
    return answerObject(request, url, key, body, store, rules)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return xml(`<Error><Code>${error.message}</Code><Message>refused</Message></Error>`, error.status)
  }
}

function checkSignature({ headers, method }: IncomingMessage, { searchParams }: URL): void {
  if (searchParams.has('X-Amz-Signature')) {
    const [time = '', seconds] = [searchParams.get('X-Amz-Date') ?? '', searchParams.get('X-Amz-Expires')]
    const at = Date.parse(time.replace(/^(....)(..)(..T..)(..)(..)Z$/, '$1-$2-$3:$4:$5Z'))
    if (method !== 'GET' || !(Date.now() < at + Number(seconds) * 1_000))
      throw new Refusal(403, 'AccessDenied')
    return
  }
  const form =
    /^AWS4-HMAC-SHA256 Credential=hub\/\d{8}\/[\w-]+\/s3\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=[0-9a-f]{64}$/
  const [, signed] = form.exec(headers.authorization ?? '') ?? []
  const needed = ['host', ...Object.keys(headers).filter((name) => /^x-amz-/.test(name))]
  if (signed === undefined || !needed.every((name) => signed.split(';').includes(name)))
    throw new Refusal(403, 'AccessDenied')
}

function answerBucket({ method }: IncomingMessage, url: URL, store: Store, rules: StoreRules): Answer {
  if (method === 'HEAD') return { status: 200, body: Buffer.alloc(0) }
  if (method !== 'GET') throw new Refusal(501, 'NotImplemented')
  if (url.searchParams.has('uploads')) return xml('<ListMultipartUploadsResult></ListMultipartUploadsResult>')
  if (url.searchParams.get('list-type') !== '2') throw new Refusal(501, 'NotImplemented')
  const prefix = url.searchParams.get('prefix') ?? ''
  const after = url.searchParams.get('continuation-token') ?? ''
  const keys = [...store.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
  const page = keys.slice(0, rules.pageSize)
  const contents = page.map((key) => {
    const { bytes, modifiedAt } = found(store, key)
    return `<Contents><Key>${key}</Key><Size>${bytes.length}</Size><LastModified>${modifiedAt.toISOString()}</LastModified></Contents>`
  })
  const isTruncated = page.length < keys.length
  const token = isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
  return xml(
    `<ListBucketResult><Name>hub</Name><IsTruncated>${isTruncated}</IsTruncated>${token}${contents.join('')}</ListBucketResult>`,
  )
}

function answerObject(
  request: IncomingMessage,
  { searchParams }: URL,
  key: string,
  body: Buffer,
  store: Store,
  rules: StoreRules,
): Answer {
  const { method, headers } = request
  if (method === 'PUT' || method === 'POST') checkBody(request, body, rules)
  const uploadId = searchParams.get('uploadId')
  if (method === 'PUT' && uploadId !== null) {
    const parts = store.uploads.get(uploadId)
    if (!parts) throw new Refusal(404, 'NoSuchUpload')
    parts.set(Number(searchParams.get('partNumber')), body)
    return { status: 200, headers: { ETag: `"${digest('md5', body)}"` }, body: Buffer.alloc(0) }
  }
  if (method === 'POST' && searchParams.has('uploads')) {
    const id = randomUUID()
    store.uploads.set(id, new Map())
    return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
  }
  if (method === 'POST' && uploadId !== null) {
    const parts = [...(store.uploads.get(uploadId) ?? [])].sort(([one], [other]) => one - other)
    const tags = [...body.toString().matchAll(/<ETag>(?:"|&quot;)?([0-9a-f]{32})/g)].map(([, tag]) => tag)
    if (tags.join() !== parts.map(([, part]) => digest('md5', part)).join())
      throw new Refusal(400, 'InvalidPart')
    put(store, key, Buffer.concat(parts.map(([, part]) => part)), `${'0'.repeat(32)}-${parts.length}`)
    store.uploads.delete(uploadId)
    return xml('<CompleteMultipartUploadResult><ETag>"x-1"</ETag></CompleteMultipartUploadResult>')
  }
  if (method === 'DELETE') {
    if (uploadId === null) store.objects.delete(key)
    else store.uploads.delete(uploadId)
    return { status: 204, body: Buffer.alloc(0) }
  }
  if (method === 'PUT') {
    const source = headers['x-amz-copy-source']?.toString()
    if (source !== undefined) {
      const { bytes } = found(store, decodeURIComponent(source).replace(/^\/?hub\//, ''))
      put(store, key, bytes)
      return xml('<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>')
    }
    if (headers['if-none-match'] !== undefined) {
      if (rules.conditionalWrites === 'refused') throw new Refusal(501, 'NotImplemented')
      if (rules.conditionalWrites === 'honoured' && store.objects.has(key))
        throw new Refusal(412, 'PreconditionFailed')
    }
    const { etag } = put(store, key, body, rules.tagsAreMd5 ? digest('md5', body) : randomUUID())
    return { status: 200, headers: { ETag: `"${etag}"` }, body: Buffer.alloc(0) }
  }
  if (method === 'GET' || method === 'HEAD')
    return answerRead(request, searchParams, found(store, key), rules)
  throw new Refusal(501, 'NotImplemented')
}

function checkBody({ headers }: IncomingMessage, body: Buffer, { verifiesChecksums }: StoreRules): void {
  const signed = headers['x-amz-content-sha256']?.toString() ?? ''
  if (signed.startsWith('STREAMING') || headers['content-encoding'] === 'aws-chunked')
    throw new Refusal(501, 'NotImplemented')
  if (headers['content-length'] === undefined) throw new Refusal(411, 'MissingContentLength')
  if (!verifiesChecksums) return
  if (signed !== 'UNSIGNED-PAYLOAD' && signed !== digest('sha256', body))
    throw new Refusal(400, 'XAmzContentSHA256Mismatch')
  const checksum = headers['x-amz-checksum-sha256']
  if (checksum !== undefined && checksum !== createHash('sha256').update(body).digest('base64'))
    throw new Refusal(400, 'BadDigest')
}

function answerRead(
  { headers, method }: IncomingMessage,
  params: URLSearchParams,
  { bytes, etag, modifiedAt }: StoredObject,
  _rules: StoreRules,
): Answer {
  const shared = {
    ETag: `"${etag}"`,
    'Last-Modified': modifiedAt.toUTCString(),
    'Accept-Ranges': 'bytes',
    'Content-Type': params.get('response-content-type') ?? 'application/octet-stream',
    ...(params.has('response-content-disposition')
      ? { 'Content-Disposition': params.get('response-content-disposition') ?? '' }
      : {}),
  }
  const match = headers['if-match']
  if (match !== undefined && match !== shared.ETag) throw new Refusal(412, 'PreconditionFailed')
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
  if (from === undefined || method === 'HEAD') {
    return { status: 200, headers: { ...shared, 'Content-Length': bytes.length }, body: bytes }
  }
  const [start, end] = [Number(from), to === '' ? bytes.length : Math.min(Number(to) + 1, bytes.length)]
  if (start >= bytes.length) throw new Refusal(416, 'InvalidRange')
  return {
    status: 206,
    headers: { ...shared, 'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}` },
    body: bytes.subarray(start, end),
  }
}

function put({ objects }: Store, key: string, bytes: Buffer, etag = digest('md5', bytes)): StoredObject {
  const stored = { bytes, etag, modifiedAt: new Date() }
  objects.set(key, stored)
  return stored
}

function found({ objects }: Store, key: string): StoredObject {
  const stored = objects.get(key)
  if (!stored) throw new Refusal(404, 'NoSuchKey')
  return stored
}

const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex')

const xml = (text: string, status = 200): Answer => ({
  status,
  headers: { 'Content-Type': 'application/xml' },
  body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`),
})
