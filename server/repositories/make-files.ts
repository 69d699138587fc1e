import { gzipSync } from 'node:zlib'
import { armored, publicKeyOf, signCleartext, signDetached } from '../formats/openpgp.ts'
import { architecturesOf, packagesIndex, poolPath, releaseFile, type IndexFile } from './apt-index.ts'
import type { ChosenPackage } from './choose-packages.ts'
import { compressXz } from './compress-xz.ts'
import { dataFile, metaFile, packageSite, pkgPath, signedArchive } from './pkg-catalogue.ts'
import type { AptRepository, RepositoryDefinition } from './repositories-file.ts'
import { rsaFingerprint, rsaPublicKey, type RepositoryKeys } from './repository-keys.ts'

/** What one publication signs, and when. */
export type Publishing = {
  packages: readonly ChosenPackage[]
  keys: RepositoryKeys
  at: Date
  validUntil: Date | null
}

/** All files of a repository but the packages themselves. */
export function makeFiles(definition: RepositoryDefinition, publishing: Publishing): Promise<IndexFile[]> {
  return definition.kind === 'APT' ? aptFiles(definition, publishing) : pkgFiles(publishing)
}

/** Where a package is in a repository of this kind. */
export const pathOf = ({ kind }: RepositoryDefinition, one: ChosenPackage): string =>
  kind === 'APT' ? poolPath(one) : pkgPath(one)

async function aptFiles(definition: AptRepository, publishing: Publishing): Promise<IndexFile[]> {
  const { at, keys, packages, validUntil } = publishing
  const architectures = architecturesOf(definition, packages)
  const indexes: IndexFile[] = []
  for (const architecture of architectures) {
    const content = packagesIndex(packages.filter((one) => one.architecture === architecture))
    const path = `${definition.component}/binary-${architecture}/Packages`
    const xz = await compressXz(content)
    indexes.push(
      { path, content },
      { path: `${path}.gz`, content: gzipSync(content, { level: 9 }) },
      ...(xz ? [{ path: `${path}.xz`, content: xz }] : []),
    )
  }
  const release = releaseFile(definition, architectures, indexes, { at, validUntil })
  const bytes = Buffer.from(release)
  const publicKeys = Buffer.concat(keys.openpgp.map(publicKeyOf))
  const folder = `dists/${definition.suite}`
  return [
    ...indexes.map((file) => ({ ...file, path: `${folder}/${file.path}` })),
    { path: `${folder}/Release`, content: bytes },
    { path: `${folder}/Release.gpg`, content: Buffer.from(signDetached(keys.openpgp, bytes, at)) },
    { path: `${folder}/InRelease`, content: Buffer.from(signCleartext(keys.openpgp, release, at)) },
    { path: 'key.asc', content: Buffer.from(armored('PUBLIC KEY BLOCK', publicKeys)) },
    { path: 'key.gpg', content: publicKeys },
  ]
}

async function pkgFiles({ at, keys, packages }: Publishing): Promise<IndexFile[]> {
  const newest = keys.rsa.at(-1)
  if (!newest) throw new Error('there is no key')
  const [site, data] = [packageSite(packages), dataFile(packages)]
  return [
    { path: 'meta.conf', content: metaFile() },
    { path: 'packagesite.pkg', content: await signedArchive('packagesite.yaml', site, keys.rsa, at) },
    { path: 'data.pkg', content: await signedArchive('data', data, keys.rsa, at) },
    { path: 'key.pub', content: Buffer.from(rsaPublicKey(newest)) },
    {
      path: 'fingerprint',
      content: Buffer.from(`function: "sha256"\nfingerprint: "${rsaFingerprint(newest)}"\n`),
    },
  ]
}
