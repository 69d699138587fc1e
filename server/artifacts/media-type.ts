import mime from 'mime'

/** Text at the top of a build that has no extension; the same name in a folder may be a program. */
const plainPaths = new Set([
  'build-environment',
  'console',
  'opam',
  'opam-switch',
  'script',
  'system-packages',
])
/** Text with an extension that the registry does not know. */
const plainExtensions = ['.build-hashes', '.opam', '.opam.locked']

/** Media type of an artifact, from its path alone, without parameters: `text/plain`. */
export function mediaTypeOf(path: string): string {
  if (plainPaths.has(path) || plainExtensions.some((extension) => path.endsWith(extension)))
    return 'text/plain'
  // The slash: `mime` takes a bare "html" for an extension.
  return mime.getType(`/${path}`) ?? 'application/octet-stream'
}
