import { S3Client } from '@aws-sdk/client-s3'
import { fromIni } from '@aws-sdk/credential-provider-ini'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { S3Place } from './s3-address.ts'

/** A request to the store that has ended, of those that are tried again each. */
export type StoreRequest = { operation: string; outcome: 'ok' | 'error'; seconds: number }

export type S3ClientOptions = {
  /** File as `~/.aws/credentials`, with the profile `default`. Empty: environment, `~/.aws`, or the machine's own role. */
  credentialsFile: string
  onRequest?: (request: StoreRequest) => void
  connectMs?: number
  /** Time without any traffic. */
  idleMs?: number
  /** Tries of each request that has no stream as its body. */
  maxAttempts?: number
}

/** A client for the requests of this server. */
export function createS3Client(
  place: S3Place,
  { credentialsFile, onRequest, connectMs = 5_000, idleMs = 60_000, maxAttempts = 5 }: S3ClientOptions,
): S3Client {
  // It would warn on stderr about a later version of itself.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const client = new S3Client({
    region: place.region,
    ...(place.endpoint === null ? {} : { endpoint: place.endpoint }),
    forcePathStyle: place.isPathStyle,
    maxAttempts,
    // It would tell on stderr what is told by errors.
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    // Some servers do not know the checksums that the client would add. Content is checked by its own hash.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: new NodeHttpHandler({ connectionTimeout: connectMs, socketTimeout: idleMs }),
    ...(credentialsFile === ''
      ? {}
      : { credentials: fromIni({ filepath: credentialsFile, profile: 'default' }) }),
  })
  if (onRequest) observe(client, onRequest)
  return client
}

/** An answer such as 404 is an answer. */
function observe(client: S3Client, onRequest: (request: StoreRequest) => void): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const startedAt = performance.now()
      let outcome: StoreRequest['outcome'] = 'error'
      try {
        const result = await next(args)
        const { statusCode = 500 } = result.response as { statusCode?: number }
        outcome = statusCode < 500 && statusCode !== 403 && statusCode !== 429 ? 'ok' : 'error'
        return result
      } finally {
        const operation = String(context.commandName).replace(/Command$/, '')
        onRequest({ operation, outcome, seconds: (performance.now() - startedAt) / 1_000 })
      }
    },
    // After the answer came, and before it is read: once for each try.
    { step: 'deserialize', priority: 'low', name: 'observeRequests' },
  )
}
