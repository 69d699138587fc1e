import { parseS3Address, type S3Place } from './s3-address.ts'
import { s3BlobStore, type S3BlobStore } from './s3-blob-store.ts'
import { createS3Client, type S3ClientOptions } from './s3-client.ts'
import { probeStore, type StoreFeatures } from './probe-store.ts'
import { s3Objects, type S3Objects } from './s3-objects.ts'

/** The objects at an address `s3://…`. */
export function openS3Objects(address: string, options: S3ClientOptions): S3Objects {
  const place: S3Place = parseS3Address(address)
  const client = createS3Client(place, options)
  if (place.publicEndpoint === null) return s3Objects(client, place)
  return s3Objects(client, place, createS3Client({ ...place, endpoint: place.publicEndpoint }, options))
}

/**
 * A blob store at an address. It is looked at first, which takes some ten requests. Throws ObjectStoreError if it cannot be
 * used.
 */
export async function openS3Store(
  address: string,
  {
    stagingDir,
    onMend,
    ...options
  }: S3ClientOptions & { stagingDir: string; onMend?: Parameters<typeof s3BlobStore>[0]['onMend'] },
): Promise<{ store: S3BlobStore; features: StoreFeatures }> {
  const objects = openS3Objects(address, options)
  const features = await probeStore(objects)
  return { store: s3BlobStore({ objects, stagingDir, features, ...(onMend ? { onMend } : {}) }), features }
}
