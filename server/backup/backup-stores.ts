import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobStore } from '../blobs/blob-store.ts'
import { damageOf } from '../blobs/damage-of.ts'
import { diskBlobStore } from '../blobs/disk-blob-store.ts'
import { isS3Address, parseS3Address, s3AddressFault } from '../blobs/s3/s3-address.ts'
import type { S3BlobStore } from '../blobs/s3/s3-blob-store.ts'
import type { S3Objects } from '../blobs/s3/s3-objects.ts'
import { siteBlobStore, type StoreSettings } from '../blobs/site-blob-store.ts'
import { blobsOf } from './backup-folder.ts'
import { WrongBackupFolderError } from './backup-place.ts'
import { blobCopier, type BlobCopier, type CopyOptions } from './copy-blobs.ts'
import { folderSizes, storeCopier } from './store-copier.ts'
import type { LookedAtBlobs } from './verify-backup.ts'

/** Backups in an object store, in the layout of a folder of backups. */
export type BackupObjects = { objects: S3Objects; store: S3BlobStore }

/**
 * Backups at an address `s3://…`. `stagingDir`: what is put there is written to it first. Throws WrongBackupFolderError if the
 * address is wrong, or the site has its content there.
 */
export async function openBackupObjects(
  address: string,
  { blobStore, s3CredentialsFile }: Pick<StoreSettings, 'blobStore' | 's3CredentialsFile'>,
  stagingDir: string,
): Promise<BackupObjects> {
  const fault = s3AddressFault(address)
  if (fault !== null) throw new WrongBackupFolderError(`${address}: ${fault}`)
  if (blobStore !== '' && overlap(address, blobStore))
    throw new WrongBackupFolderError(
      'the content of the site lies at this address, or below it: name another bucket, or another prefix, for backups',
    )
  const [{ openS3Objects }, { s3BlobStore }] = await Promise.all([
    import('../blobs/s3/open-s3-store.ts'),
    import('../blobs/s3/s3-blob-store.ts'),
  ])
  const objects = openS3Objects(address, { credentialsFile: s3CredentialsFile })
  return { objects, store: s3BlobStore({ objects, stagingDir }) }
}

function overlap(one: string, other: string): boolean {
  const [left, right] = [parseS3Address(one), parseS3Address(other)]
  const isSameBucket = left.bucket === right.bucket && left.endpoint === right.endpoint
  return isSameBucket && (left.prefix.startsWith(right.prefix) || right.prefix.startsWith(left.prefix))
}

/** Whether a place of backups is in an object store. */
export const isInObjects = isS3Address

/** Copies the content of a site to a folder of backups, by links where that is possible, or to objects. */
export async function copierToBackup(
  site: StoreSettings,
  to: { dir: string } | BackupObjects,
  options: CopyOptions,
): Promise<() => BlobCopier | Promise<BlobCopier>> {
  if ('dir' in to && site.blobStore === '') return () => blobCopier(site.blobDir, blobsOf(to.dir), options)
  const source = await siteBlobStore(site)
  return async () => storeCopier(source, 'dir' in to ? await storeOfFolder(to.dir) : to.store, options)
}

/** Copies the content of backups to where a site has it. */
export async function copierToSite(
  site: StoreSettings,
  from: { dir: string } | BackupObjects,
): Promise<BlobCopier> {
  const options = { isCopied: true, isChecked: false }
  if ('dir' in from && site.blobStore === '') {
    await mkdir(site.blobDir, { recursive: true, mode: 0o700 })
    // A copy: a site that shared its files with the backup would be damaged with it.
    return blobCopier(blobsOf(from.dir), site.blobDir, options)
  }
  const target = await siteBlobStore(site)
  return storeCopier('dir' in from ? await storeOfFolder(from.dir) : from.store, target, options)
}

async function storeOfFolder(dir: string): Promise<BlobStore> {
  const store = diskBlobStore({ dir: blobsOf(dir), stagingDir: join(dir, 'staging') })
  await store.sweepStaging()
  return store
}

/** The blobs of backups in objects, to be verified in the order of their hashes. */
export function blobsOfObjects({ store }: BackupObjects): LookedAtBlobs {
  const sizesOf = folderSizes(store)
  return {
    sizeBytes: async (id) => (await sizesOf(id.slice(0, 2))).get(id) ?? null,
    async hashOf(id) {
      const damage = await damageOf(store, id)
      return damage === null ? id : (/[0-9a-f]{64}$/.exec(damage.found)?.[0] ?? null)
    },
  }
}
