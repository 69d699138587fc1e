import { diskBlobStore } from './disk-blob-store.ts'
import type { BlobId, BlobStore } from './blob-store.ts'
import type { StoreFeatures } from './s3/probe-store.ts'
import type { StoreRequest } from './s3/s3-client.ts'

/** The store of a site, and its staging folder. */
export type SiteBlobStore = BlobStore & {
  /** Delete files that a crash left in the staging folder. Call it before the first upload. Returns their number. */
  sweepStaging(): Promise<number>
}

/** The settings of a site that say where its content is. */
export type StoreSettings = {
  blobDir: string
  stagingDir: string
  quarantineDir: string
  /** Empty: files in `blobDir`; otherwise an address `s3://…`. */
  blobStore: string
  /** Empty: none. */
  s3CredentialsFile: string
}

export type SiteBlobStoreOptions = {
  /** Hears of each blob that an upload has replaced because it was damaged. */
  onMend?: (id: BlobId) => void
  /** Hears of each request to an object store. */
  onRequest?: (request: StoreRequest) => void
  /** Hears what the object store can do. */
  onFeatures?: (features: StoreFeatures) => void
}

/**
 * Where the settings say that the content of the site is: files, or objects. Only for objects is their client loaded. Throws
 * ObjectStoreError if the object store cannot be used.
 */
export async function siteBlobStore(
  { blobDir, stagingDir, quarantineDir, blobStore, s3CredentialsFile }: StoreSettings,
  { onMend, onRequest, onFeatures }: SiteBlobStoreOptions = {},
): Promise<SiteBlobStore> {
  const mending = onMend ? { onMend } : {}
  if (blobStore === '') return diskBlobStore({ dir: blobDir, stagingDir, quarantineDir, ...mending })
  const { openS3Store } = await import('./s3/open-s3-store.ts')
  const { store, features } = await openS3Store(blobStore, {
    ...{ credentialsFile: s3CredentialsFile, stagingDir, ...mending },
    ...(onRequest ? { onRequest } : {}),
  })
  onFeatures?.(features)
  return store
}
