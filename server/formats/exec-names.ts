import { DomainError } from '../errors.ts'

/**
 * A name or path that Builder Hub does not take. `reason` says why, going on after what the
 * caller calls it: `job name` + ` ".." is not a name: …`.
 */
export class UnsafeNameError extends DomainError {
  override readonly name = 'UnsafeNameError'
  readonly reason: string
  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

/** Bytes of a job's or platform's name in UTF-8, at most: what file systems and URLs take as one segment. */
export const maxNameBytes = 255

/** Bytes of an artifact's path in UTF-8, at most. */
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
 * An artifact's path without empty and `.` segments: `./a//b/` is `a/b`. Throws UnsafeNameError
 * for what is absolute, leaves the folder (`..`), has a NUL, is empty or not Unicode.
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
 * A path that is a file and at the same time the folder of another (`a` and `a/b`), so that the
 * two cannot lie in one archive or on one disk. Null when there is none. `paths` are distinct.
 */
export function findPathConflict(paths: Iterable<string>): { file: string; inner: string } | null {
  // With a slash at the end, a path sorts directly before what it contains.
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
