import type { Readable } from 'node:stream'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import contentDisposition from 'content-disposition'
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { ByteRange } from '../blob-store.ts'
import type { ObjectSource, PutOptions } from './object-source.ts'
import { putObject } from './put-object.ts'
import { resumingBody } from './resuming-body.ts'
import { asStoreError, statusOf, TransferError } from './s3-errors.ts'
import type { S3Place } from './s3-address.ts'

/** `sha256` null: the store does not tell. `etag`: with its quotation marks removed. */
export type ObjectFacts = { sizeBytes: number; etag: string; sha256: string | null; modifiedAt: Date }

export type ListedObject = { key: string; sizeBytes: number; modifiedAt: Date }

/** A part of an object, and the length of the whole one. */
export type OpenedObject = { body: Readable; totalBytes: number; etag: string }

export type S3Objects = ReturnType<typeof s3Objects>

const presignedSeconds = 300

/** An upload in parts that began longer ago was interrupted. */
const staleUploadMs = 24 * 3_600_000

/**
 * The objects below the prefix of a place; keys are without that prefix. Requests are tried again while the store is busy.
 * Everything throws ObjectStoreError when the store does not answer or refuses, and StorageFullError.
 */
export function s3Objects(client: S3Client, place: S3Place, publicClient = client) {
  const where = (key: string) => ({ Bucket: place.bucket, Key: place.prefix + key })

  async function request<Value>(call: () => Promise<Value>): Promise<Value> {
    try {
      return await call()
    } catch (error) {
      throw asStoreError(error)
    }
  }

  /** Null: absent. */
  async function head(key: string): Promise<ObjectFacts | null> {
    return request(async () => {
      try {
        const answer = await client.send(new HeadObjectCommand({ ...where(key), ChecksumMode: 'ENABLED' }))
        const isWhole = answer.ChecksumType !== 'COMPOSITE' && !answer.ChecksumSHA256?.includes('-')
        return {
          sizeBytes: answer.ContentLength ?? 0,
          etag: withoutQuotes(answer.ETag),
          sha256:
            answer.ChecksumSHA256 !== undefined && isWhole
              ? Buffer.from(answer.ChecksumSHA256, 'base64').toString('hex')
              : null,
          modifiedAt: answer.LastModified ?? new Date(0),
        }
      } catch (error) {
        if (statusOf(error) === 404) return null
        throw error
      }
    })
  }

  /** Without resuming. Null: absent. Throws RangeError when the range begins after the end. */
  async function get(key: string, range: ByteRange | null, etag?: string): Promise<OpenedObject | null> {
    try {
      const answer = await client.send(
        new GetObjectCommand({
          ...where(key),
          ...(range ? { Range: `bytes=${range.start}-${range.end - 1}` } : {}),
          ...(etag === undefined ? {} : { IfMatch: `"${etag}"` }),
        }),
      )
      const body = answer.Body as Readable
      const found = { body, etag: withoutQuotes(answer.ETag) }
      if (!range) return { ...found, totalBytes: answer.ContentLength ?? 0 }
      const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.ContentRange ?? '') ?? []
      if (Number(start) === range.start) return { ...found, totalBytes: Number(total) }
      body.destroy()
      throw new TransferError('the store gave another range than it was asked for')
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return null
      if (statusOf(error) === 416) throw new RangeError(`${key} has no byte ${range?.start}`)
      throw error
    }
  }

  return {
    place,
    head,

    /**
     * The bytes of an object, all of them or a range that is not empty. What breaks off is asked for again from there. Null:
     * absent. Throws RangeError when the range exceeds the content.
     */
    async open(key: string, range?: ByteRange): Promise<OpenedObject | null> {
      return request(async () => {
        const first = await get(key, range ?? null)
        if (!first) return null
        const { start, end } = range ?? { start: 0, end: first.totalBytes }
        if (end > first.totalBytes) {
          first.body.destroy()
          throw new RangeError(`bytes ${start} to ${end} of ${key}, which has ${first.totalBytes}`)
        }
        const body = resumingBody(first.body, { start, end }, async (rest) => {
          const next = await get(key, rest, first.etag)
          if (!next) throw new TransferError(`${key} is gone`)
          return next.body
        })
        return { ...first, body }
      })
    },

    /** Puts an object. `exists`: there was one already, and only a new one was wanted. */
    put: (key: string, source: ObjectSource, options?: PutOptions): Promise<'put' | 'exists'> =>
      request(() => putObject(client, where(key), source, options)),

    /** All objects whose key begins so, in constant memory. */
    async *list(prefix: string): AsyncGenerator<ListedObject, void, void> {
      let token: string | undefined
      do {
        const page = await request(async () => {
          const answer = await client.send(
            new ListObjectsV2Command({
              ...{ Bucket: place.bucket, Prefix: place.prefix + prefix },
              ...(token === undefined ? {} : { ContinuationToken: token }),
            }),
          )
          // An error with the status 200 is no empty list.
          if (answer.IsTruncated === undefined) throw new TransferError('the store gave no list')
          return answer
        })
        for (const { Key, Size, LastModified } of page.Contents ?? [])
          if (Key !== undefined)
            yield {
              key: Key.slice(place.prefix.length),
              sizeBytes: Size ?? 0,
              modifiedAt: LastModified ?? new Date(0),
            }
        token = page.IsTruncated === true ? page.NextContinuationToken : undefined
      } while (token !== undefined)
    },

    /** Also if it is gone already. */
    delete: (key: string): Promise<void> =>
      request(async () => {
        try {
          await client.send(new DeleteObjectCommand(where(key)))
        } catch (error) {
          if (statusOf(error) !== 404 || (error as Error).name === 'NoSuchBucket') throw error
        }
      }),

    /** Within the store, up to 5 GB. */
    copy: (from: string, to: string): Promise<void> =>
      request(async () => {
        const source = `${place.bucket}/${place.prefix}${from}`.split('/').map(encodeURIComponent).join('/')
        await client.send(new CopyObjectCommand({ ...where(to), CopySource: source }))
      }),

    /** An address at which everybody can read an object for five minutes, as a file of this name. */
    presign: (key: string, fileName: string): Promise<string> =>
      request(() => {
        const command = new GetObjectCommand({
          ...where(key),
          ResponseContentDisposition: contentDisposition(fileName, {
            fallback: fileName.replace(/[^ -~]/gu, '_'),
          }),
          ResponseContentType: 'application/octet-stream',
          ResponseCacheControl: 'private, max-age=300',
        })
        return getSignedUrl(publicClient, command, { expiresIn: presignedSeconds })
      }),

    /** Rejects unless the bucket can be used. */
    ping: (): Promise<void> =>
      request(async () => void (await client.send(new HeadBucketCommand({ Bucket: place.bucket })))),

    /** Ends uploads in parts that were interrupted: their parts take room. Returns their number. */
    abortStaleUploads: (now: Date): Promise<number> =>
      request(async () => {
        const { Uploads = [] } = await client.send(
          new ListMultipartUploadsCommand({ Bucket: place.bucket, Prefix: place.prefix }),
        )
        const stale = Uploads.filter(
          ({ Initiated }) => Initiated !== undefined && now.getTime() - Initiated.getTime() > staleUploadMs,
        )
        for (const { Key, UploadId } of stale)
          await client.send(new AbortMultipartUploadCommand({ Bucket: place.bucket, Key, UploadId }))
        return stale.length
      }),
  }
}

const withoutQuotes = (etag: string | undefined): string => (etag ?? '').replaceAll('"', '')
