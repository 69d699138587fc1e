import { createHash, type KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { toBlobId } from '../blobs/blob-store.ts'
import { missingBlob } from '../blobs/checked-stream.ts'
import type { Deps } from '../deps.ts'
import { linkOf, printMetadata, signMetadata } from '../formats/signing/link.ts'
import type { PackagedBuild } from './find-packages.ts'

/**
 * The name of the file of a package, as apt and pkg store it. An epoch's colon is written as apt writes it in its cache: `%3a`.
 */
export function packageFileName({ name, version, architecture, format, path }: PackagedBuild): string {
  if (format === 'DEB') return `${name}_${version.replaceAll(':', '%3a')}_${architecture}.deb`
  return `${name}-${version}${path.endsWith('.txz') ? '.txz' : '.pkg'}`
}

/** Hashes that a product of a link may have. */
export type LinkDigests = 'sha256' | 'both'

/** SHA-512 of contents: each costs a look at all of its bytes. */
const maxKept = 1_000

/**
 * Makes links for packages that were reproduced: whoever trusts the key counts it as one vote. in-toto-verify of Debian compares all hashes of
 * a file with the one that it knows, and so needs `sha256` alone.
 */
export function linkMaker({ blobs }: Pick<Deps, 'blobs'>) {
  const sha512s = new LRUCache<string, string>({ max: maxKept })

  async function sha512Of(sha256: string): Promise<string> {
    const known = sha512s.get(sha256)
    if (known !== undefined) return known
    const stream = await blobs.open(toBlobId(sha256))
    if (!stream) throw missingBlob(toBlobId(sha256))
    const hash = createHash('sha512')
    for await (const chunk of stream as AsyncIterable<Uint8Array>) hash.update(chunk)
    const sha512 = hash.digest('hex')
    sha512s.set(sha256, sha512)
    return sha512
  }

  return async (
    key: KeyObject,
    name: string,
    packages: readonly PackagedBuild[],
    digests: LinkDigests,
  ): Promise<string> => {
    const products: Record<string, Record<string, string>> = {}
    for (const one of packages)
      products[packageFileName(one)] = {
        sha256: one.sha256,
        ...(digests === 'both' ? { sha512: await sha512Of(one.sha256) } : {}),
      }
    return printMetadata(signMetadata([key], linkOf({ name, materials: {}, products })))
  }
}
