import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { checkTag, hashedBody, type ObjectName, type ObjectSource, type PutOptions } from './object-source.ts'
import { putInParts } from './put-in-parts.ts'
import { statusOf, TransferError } from './s3-errors.ts'
import { tryAgain } from './try-again.ts'

const defaultMaxPutBytes = 5_000_000_000

/** Puts an object, and makes sure that the store has all of its bytes. Throws the errors of the client. */
export async function putObject(
  client: S3Client,
  name: ObjectName,
  source: ObjectSource,
  options: PutOptions = {},
): Promise<'put' | 'exists'> {
  if ('file' in source && source.sizeBytes > (options.maxPutBytes ?? defaultMaxPutBytes)) {
    await putInParts(client, name, source, options)
    return 'put'
  }
  let isNewOnly = options.isNewOnly === true
  return tryAgain(async () => {
    try {
      await putWhole(client, name, source, { ...options, isNewOnly })
      return 'put'
    } catch (error) {
      if (statusOf(error) === 412) return 'exists'
      // What is there now may be what this try has put there, with other bytes.
      if (error instanceof TransferError) isNewOnly = false
      throw error
    }
  }, options.tries)
}

async function putWhole(client: S3Client, name: ObjectName, source: ObjectSource, options: PutOptions) {
  const { body, md5 } = hashedBody(source)
  const command = new PutObjectCommand({
    ...name,
    Body: body,
    ContentLength: source.sizeBytes,
    ContentType: 'application/octet-stream',
    ChecksumSHA256: Buffer.from(source.sha256, 'hex').toString('base64'),
    ...(options.isNewOnly === true ? { IfNoneMatch: '*' } : {}),
  })
  // Also servers that ignore the checksum compare the body with what was signed.
  command.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> }
      headers['x-amz-content-sha256'] = source.sha256
      return next(args)
    },
    { step: 'build', name: 'signedHash' },
  )
  try {
    const { ETag } = await client.send(command)
    checkTag(ETag, md5(), options)
  } finally {
    body.destroy()
  }
}
