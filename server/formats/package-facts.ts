/**
 * What a repository says of a package. `control`: of a Debian package its control fields as text; of a FreeBSD package its manifest as
 * JSON.
 */
export type PackageFacts = {
  format: 'DEB' | 'FREEBSD'
  name: string
  version: string
  architecture: string
  control: string
}

/** Bytes that the piece of a file is read in. */
const pieceBytes = 64 * 1024

/** Bytes `start` to `end` of a file, in pieces, which are read when they are asked for. */
export function* piecesOf(
  file: { read: (start: number, end: number) => Uint8Array },
  start: number,
  end: number,
): Generator<Uint8Array, void, void> {
  for (let offset = start; offset < end; offset += pieceBytes)
    yield file.read(offset, Math.min(offset + pieceBytes, end))
}
