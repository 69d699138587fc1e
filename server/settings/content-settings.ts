import * as z from 'zod'
import { s3AddressFault } from '../blobs/s3/s3-address.ts'
import { optionalFile, setting, whole } from './setting.ts'

/** Settings of where the content of builds is, who sends it, and how many servers do. */
export const contentSettings = {
  blobStore: setting(
    {
      flag: '--blob-store <url>',
      env: 'BUILDER_HUB_BLOB_STORE',
      help: 'where the content of builds is: s3://BUCKET/PREFIX?endpoint=https://HOST&region=NAME; empty: files in the data directory. See docs/object-storage.md',
      fallback: '',
    },
    z.string().superRefine((text, context) => {
      const fault = text === '' ? null : s3AddressFault(text)
      if (fault !== null) context.addIssue({ code: 'custom', message: fault })
    }),
  ),
  s3CredentialsFile: setting(
    {
      flag: '--s3-credentials-file <file>',
      env: 'BUILDER_HUB_S3_CREDENTIALS_FILE',
      help: 'file with the keys for s3:// addresses, in the form of ~/.aws/credentials; empty: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role of the machine',
      fallback: '',
    },
    optionalFile(),
  ),
  blobRedirect: setting(
    {
      flag: '--blob-redirect <auto|always|never>',
      env: 'BUILDER_HUB_BLOB_REDIRECT',
      help: 'whether clients get files that they save from the object store itself, by a redirect: auto: those of 1 MiB or more',
      fallback: 'never',
      isReloadable: true,
    },
    z.enum(['auto', 'always', 'never']),
  ),
  servers: setting(
    {
      flag: '--servers <one|several>',
      env: 'BUILDER_HUB_SERVERS',
      help: 'whether other servers serve the same site: several needs --database-url and --blob-store. See docs/several-servers.md',
      fallback: 'one',
    },
    z.enum(['one', 'several']),
  ),
  drainDelaySeconds: setting(
    {
      flag: '--drain-delay <seconds>',
      env: 'BUILDER_HUB_DRAIN_DELAY',
      help: 'seconds from the signal to stop until the server takes no requests any more: meanwhile it says that it is not ready, and a load balancer turns to others',
      fallback: '0',
    },
    whole(0, 600),
  ),
}
