import mime from 'mime'

/** Text that has no extension, or one that the registry does not know. */
const plainNames = new Set([
  'build-environment',
  'console',
  'opam',
  'opam-switch',
  'script',
  'system-packages',
])
const plainExtensions = ['.build-hashes', '.opam', '.locked']

/** Media type of an artifact, from its name alone, without parameters: `text/plain`. */
export function mediaTypeOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (plainNames.has(name) || plainExtensions.some((extension) => name.endsWith(extension)))
    return 'text/plain'
  // The slash: `mime` takes a bare "html" for an extension.
  return mime.getType(`/${name}`) ?? 'application/octet-stream'
}
