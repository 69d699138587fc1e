import { gzipSync } from 'node:zlib'
import type { KeyObject } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import * as z from 'zod'
import type { ChosenPackage } from './choose-packages.ts'
import { rsaPublicKey, signForPkg } from './repository-keys.ts'

// The format of version 2, as libpkg of freebsd/pkg writes and reads it: pkg_repo_create.c, pkg_repo_meta.c, pkg_repo.c.

/** `meta.conf`: it is not signed, and says how the other files are called. */
export const metaFile = (): Buffer =>
  Buffer.from(
    `${JSON.stringify({
      version: 2,
      packing_format: 'tgz',
      manifests: 'packagesite.yaml',
      data: 'data',
      manifests_archive: 'packagesite',
      data_archive: 'data',
    })}\n`,
  )

/** Where a package is: as `pkg repo --hash` names it, with the first ten digits of its checksum. */
export const pkgPath = ({ name, sha256, version }: ChosenPackage): string =>
  `All/Hashed/${name}-${version}~${sha256.slice(0, 10)}.pkg`

const Manifest = z.record(z.string(), z.unknown())

/** The manifest of a package as the catalogue has it: what the package says, its checksum, its place and its size. */
export function catalogueEntry(one: ChosenPackage): Record<string, unknown> {
  const manifest = Manifest.parse(JSON.parse(one.control))
  const path = pkgPath(one)
  return { ...manifest, sum: one.sha256, path, repopath: path, pkgsize: Number(one.sizeBytes) }
}

/** `packagesite.yaml`: a manifest in each line. */
export const packageSite = (packages: readonly ChosenPackage[]): Buffer =>
  Buffer.from(
    sorted(packages)
      .map((one) => `${JSON.stringify(catalogueEntry(one))}\n`)
      .join(''),
  )

/** `data`, which pkg 1.20 and later reads in place of `packagesite.yaml`. */
export const dataFile = (packages: readonly ChosenPackage[]): Buffer =>
  Buffer.from(
    JSON.stringify({ groups: [], expired_packages: [], packages: sorted(packages).map(catalogueEntry) }),
  )

const sorted = (packages: readonly ChosenPackage[]) =>
  packages.toSorted((left, right) => (pkgPath(left) < pkgPath(right) ? -1 : 1))

/**
 * The archive that clients fetch: the file, and before it a signature and the public key of each key, in `NAME.sig` and `NAME.pub`. pkg takes
 * it if the fingerprint of one of the keys is trusted; each `.sig` needs its `.pub`.
 */
export async function signedArchive(
  name: string,
  content: Uint8Array,
  keys: readonly KeyObject[],
  at: Date,
): Promise<Buffer> {
  const archive = pack()
  const mtime = new Date(Math.floor(at.getTime() / 1_000) * 1_000)
  const add = (member: string, bytes: Uint8Array) =>
    archive.entry({ name: member, mode: 0o644, mtime, uname: 'root', gname: 'wheel' }, Buffer.from(bytes))
  keys.forEach((key, index) => {
    // The newest key has the name that pkg's own tools give.
    const signed = index === keys.length - 1 ? name : `${name}.${index + 1}`
    add(`${signed}.sig`, signForPkg(key, content))
    add(`${signed}.pub`, Buffer.from(rsaPublicKey(key)))
  })
  add(name, content)
  archive.finalize()
  return gzipSync(await buffer(archive as unknown as AsyncIterable<Uint8Array> as never), { level: 9 })
}
