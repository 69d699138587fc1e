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

/**
 * Types that a browser runs, or lets style a page. Artifacts are content of strangers on the application's origin,
 * where the policy of its pages allows scripts: none may come as one of these.
 */
const activeTypes = new Map([
  ['text/javascript', 'text/plain'],
  ['application/javascript', 'text/plain'],
  ['application/ecmascript', 'text/plain'],
  ['text/ecmascript', 'text/plain'],
  ['text/jscript', 'text/plain'],
  ['text/vbscript', 'text/plain'],
  ['text/css', 'text/plain'],
  ['application/xslt+xml', 'text/plain'],
  ['application/xml-dtd', 'text/plain'],
  ['application/wasm', 'application/octet-stream'],
])

/** Media type of an artifact, from its path alone, without parameters: `text/plain`. */
export function mediaTypeOf(path: string): string {
  if (plainPaths.has(path) || plainExtensions.some((extension) => path.endsWith(extension)))
    return 'text/plain'
  // The slash: `mime` takes a bare "html" for an extension.
  const type = mime.getType(`/${path}`) ?? 'application/octet-stream'
  return activeTypes.get(type) ?? type
}
