import { MalformedError } from '../errors.ts'
import { readDebianPackage } from '../formats/debian-package.ts'
import { withFileRangesOf } from '../formats/file-ranges.ts'
import { readFreebsdPackage } from '../formats/freebsd-package.ts'
import type { PackageFacts } from '../formats/package-facts.ts'

/** A package as a file on disk. */
export type PackageFile = { file: string; format: PackageFacts['format'] }

const readers = { DEB: readDebianPackage, FREEBSD: readFreebsdPackage }

/**
 * What a package says of itself. `format` is what its name promises: if it is of the other format, that one is read, so that the same bytes
 * give the same facts, whatever a build calls them. Throws MalformedError.
 */
export async function readPackage({ file: path, format }: PackageFile): Promise<PackageFacts> {
  try {
    return await withFileRangesOf(path, readers[format])
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    const other = readers[format === 'DEB' ? 'FREEBSD' : 'DEB']
    return withFileRangesOf(path, other).catch(() => Promise.reject(error))
  }
}
