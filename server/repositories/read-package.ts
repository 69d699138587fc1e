import { readDebianPackage } from '../formats/debian-package.ts'
import { withFileRangesOf } from '../formats/file-ranges.ts'
import { readFreebsdPackage } from '../formats/freebsd-package.ts'
import type { PackageFacts } from '../formats/package-facts.ts'

/** A package as a file on disk. */
export type PackageFile = { file: string; format: PackageFacts['format'] }

/** What a package says of itself. Throws MalformedError. */
export function readPackage({ file: path, format }: PackageFile): Promise<PackageFacts> {
  return withFileRangesOf(path, format === 'DEB' ? readDebianPackage : readFreebsdPackage)
}
