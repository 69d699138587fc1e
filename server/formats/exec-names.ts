import { DomainError } from '../errors.ts'

/**
 * A name or path that Builder Hub refuses. `reason` continues the caller's name for it:
 * `job name` + ` ".." is not a name: …`.
 */
export class UnsafeNameError extends DomainError {
  override readonly name = 'UnsafeNameError'
  readonly reason: string
  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

/** Maximum length of the name of a job or platform, in bytes of UTF-8: file systems accept such a segment. */
export const maxNameBytes = 255

/** Maximum length of the path of an artifact, in bytes of UTF-8. */
export const maxPathBytes = 1024

const controlCharacter = /\p{Cc}/u
const loneSurrogate = /\p{Cs}/u

/** The job's name, unchanged. Throws UnsafeNameError. */
export function checkJobName(name: string): string {
  return checkName(name)
}

/** The platform's name, unchanged. Throws UnsafeNameError. */
export function checkPlatformName(name: string): string {
  return checkName(name)
}

/**
 * The path of an artifact without empty and `.` segments: `./a//b/` becomes `a/b`. Throws UnsafeNameError if
 * the path is absolute, has a segment `..` or a NUL, is empty, or is not valid Unicode.
 */
export function normalizeArtifactPath(path: string): string {
  const refuse = (reason: string) => new UnsafeNameError(`${JSON.stringify(path)} ${reason}`)
  if (path === '') throw new UnsafeNameError('is empty')
  if (path.includes('\0')) throw refuse('contains a NUL')
  if (loneSurrogate.test(path)) throw refuse('is not valid Unicode')
  if (path.startsWith('/')) throw refuse('is absolute')
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.includes('..')) throw refuse('contains ".."')
  if (segments.length === 0) throw refuse('names no file')
  return segments.join('/')
}

/**
 * Finds a path that is both a file and the folder of another file (`a` and `a/b`). No archive and no disk can
 * contain both. Null if there is no such path. `paths` must be distinct.
 */
export function findPathConflict(paths: Iterable<string>): { file: string; inner: string } | null {
  // With a slash at its end, the path of a folder sorts directly before the paths in it.
  const sorted = Array.from(paths, (path) => `${path}/`).sort()
  const at = sorted.findIndex((path, i) => sorted[i + 1]?.startsWith(path))
  const [file, inner] = [sorted[at], sorted[at + 1]]
  return file && inner ? { file: file.slice(0, -1), inner: inner.slice(0, -1) } : null
}

function checkName(name: string): string {
  const refuse = (reason: string) =>
    new UnsafeNameError(
      `${JSON.stringify(name)} ${reason}: 1 to ${maxNameBytes} bytes of UTF-8 without control characters or "/" are allowed, other than "." and ".."`,
    )
  if (name === '') throw refuse('is empty')
  if (Buffer.byteLength(name) > maxNameBytes) throw refuse('is too long')
  if (loneSurrogate.test(name)) throw refuse('is not valid Unicode')
  if (controlCharacter.test(name)) throw refuse('contains a control character')
  if (name.includes('/')) throw refuse('contains "/"')
  if (name === '.' || name === '..') throw refuse('is not a name')
  return name
}
