/**
 * Checksums as `sha256sum` writes and reads them. A name with a line end or a backslash is escaped, and its line begins with a backslash.
 */
export const printChecksums = (files: readonly { path: string; sha256: string }[]): string =>
  files
    .map(({ path, sha256 }) => {
      const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
      return `${escaped === path ? '' : '\\'}${sha256}  ${escaped}\n`
    })
    .join('')
