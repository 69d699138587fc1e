import type { Config } from '../config.ts'
import { ok, type Finding } from './check.ts'

/** Whether the object store can be used, and what it can do. Throws ObjectStoreError. */
export async function checkBlobStore({ blobStore, s3CredentialsFile }: Config): Promise<Finding[]> {
  if (blobStore === '') return []
  const [{ openS3Objects }, { describeFeatures, probeStore }, { nameOfPlace }] = await Promise.all([
    import('../blobs/s3/open-s3-store.ts'),
    import('../blobs/s3/probe-store.ts'),
    import('../blobs/s3/s3-address.ts'),
  ])
  const objects = openS3Objects(blobStore, { credentialsFile: s3CredentialsFile })
  const features = await probeStore(objects)
  return [
    ok(
      `${nameOfPlace(objects.place)} stores, gives, lists and deletes content (${describeFeatures(features)})`,
    ),
  ]
}
