import { MalformedError } from '../errors.ts'
import { compressionOf, decompress } from './decompress.ts'
import type { FileRanges } from './file-ranges.ts'
import { piecesOf, type PackageFacts } from './package-facts.ts'
import { readTarMember } from './tar-member.ts'

const maxManifestBytes = 1024 ** 2

/**
 * Reads the compact manifest of a FreeBSD package: a tar, compressed by zstd, xz, gzip or not at all, whose first member is
 * `+COMPACT_MANIFEST`. pkg writes it as JSON since version 1.5; manifests in other forms of UCL are refused. Throws MalformedError.
 * Source: pkg-create(8), libpkg/pkg_manifest.c of freebsd/pkg.
 */
export async function readFreebsdPackage(file: FileRanges): Promise<PackageFacts> {
  const start = file.read(0, Math.min(8, file.sizeBytes))
  const chunks = decompress(compressionOf(start), piecesOf(file, 0, file.sizeBytes))
  const found = await readTarMember(chunks, ['+COMPACT_MANIFEST'], maxManifestBytes)
  if (!found) throw new MalformedError('FreeBSD package', 0, 'it has no +COMPACT_MANIFEST')
  return factsOf(found)
}

const patterns = {
  name: /^[A-Za-z0-9][A-Za-z0-9._+-]{0,199}$/,
  version: /^[A-Za-z0-9][A-Za-z0-9._+,]{0,199}$/,
  architecture: /^[A-Za-z0-9:.*_-]{1,100}$/,
}

function factsOf(bytes: Buffer): PackageFacts {
  let manifest: unknown
  try {
    manifest = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new MalformedError('manifest of a FreeBSD package', 0, 'it is not JSON')
  }
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest))
    throw new MalformedError('manifest of a FreeBSD package', 0, 'it is no object')
  const fields = manifest as Record<string, unknown>
  const value = (what: keyof typeof patterns, ...names: string[]) => {
    const found = names.map((name) => fields[name]).find((one) => one !== undefined)
    if (typeof found !== 'string' || !patterns[what].test(found))
      throw new MalformedError('manifest of a FreeBSD package', 0, `its ${what} is missing, or not allowed`)
    return found
  }
  for (const name of ['origin', 'prefix'])
    if (typeof fields[name] !== 'string')
      throw new MalformedError('manifest of a FreeBSD package', 0, `its ${name} is missing`)
  return {
    format: 'FREEBSD',
    name: value('name', 'name'),
    version: value('version', 'version'),
    architecture: value('architecture', 'abi', 'arch'),
    control: JSON.stringify(manifest),
  }
}
