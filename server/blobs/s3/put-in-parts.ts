import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { inParallel } from '../in-parallel.ts'
import { checkTag, hashedBody, type ObjectName, type ObjectSource, type PutOptions } from './object-source.ts'
import { tryAgain } from './try-again.ts'

const defaultPartBytes = 64 * 1024 ** 2
const maxParts = 10_000
const parallelParts = 3

/** Puts a file in parts, three at a time. If it fails, the parts are removed. */
export async function putInParts(
  client: S3Client,
  name: ObjectName,
  source: ObjectSource,
  options: PutOptions,
): Promise<void> {
  const partBytes = Math.max(options.partBytes ?? defaultPartBytes, Math.ceil(source.sizeBytes / maxParts))
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...name, ContentType: 'application/octet-stream' }),
  )
  const upload = { ...name, UploadId }
  const count = Math.ceil(source.sizeBytes / partBytes)
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  try {
    const parts = await inParallel(
      numbers,
      async (PartNumber) => {
        const start = (PartNumber - 1) * partBytes
        const end = Math.min(start + partBytes, source.sizeBytes)
        return tryAgain(async () => {
          const { body, md5 } = hashedBody(source, { start, end })
          try {
            const { ETag } = await client.send(
              new UploadPartCommand({ ...upload, PartNumber, Body: body, ContentLength: end - start }),
            )
            checkTag(ETag, md5(), options)
            return { PartNumber, ETag }
          } finally {
            body.destroy()
          }
        }, options.tries)
      },
      parallelParts,
    )
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } }))
  } catch (error) {
    // What is left of it goes at the next start of a server.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => {})
    throw error
  }
}
