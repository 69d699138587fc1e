import { createGunzip } from 'node:zlib'
import { Readable } from 'node:stream'
import { Decompress } from 'fzstd'
import * as xz from 'xz-decompress'
import { MalformedError } from '../errors.ts'

// It is a CommonJS module, whose names Node.js does not find.
const { XzReadableStream } = 'default' in xz ? (xz.default as typeof xz) : xz

export type Compression = 'none' | 'gzip' | 'xz' | 'zstd'

const magics: [Compression, readonly number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
]

/** By the first bytes of a file. */
export function compressionOf(start: Uint8Array): Compression {
  return magics.find(([, magic]) => magic.every((byte, i) => start[i] === byte))?.[0] ?? 'none'
}

/** zstd's window is in memory as a whole: `zstd -19` has 8 MiB, and `--ultra -22` has 128. */
const maxZstdWindowBytes = 2 ** 27

/**
 * The decompressed bytes, chunk by chunk. Throws MalformedError. What the reader does not take is not decompressed, so that a small
 * input whose output is huge does no harm; memory is the window of the format, and one chunk.
 */
export async function* decompress(
  compression: Compression,
  chunks: Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    if (compression === 'none') yield* chunks
    else if (compression === 'zstd') yield* unzstd(chunks)
    else if (compression === 'gzip') {
      const source = Readable.from(chunks, { objectMode: true })
      for await (const chunk of source.pipe(createGunzip())) yield chunk as Uint8Array
    } else {
      const source = Readable.toWeb(Readable.from(chunks, { objectMode: true })) as ReadableStream<Uint8Array>
      for await (const chunk of Readable.fromWeb(new XzReadableStream(source) as never))
        yield chunk as Uint8Array
    }
  } catch (error) {
    if (error instanceof MalformedError) throw error
    throw new MalformedError(compression, 0, error instanceof Error ? error.message : String(error))
  }
}

function* unzstd(chunks: Iterable<Uint8Array>): Generator<Uint8Array, void, void> {
  let found: Uint8Array[] = []
  const reader = new Decompress((chunk) => found.push(chunk))
  let isFirst = true
  for (const chunk of chunks) {
    if (isFirst) checkWindow(chunk)
    isFirst = false
    // fzstd keeps its input.
    reader.push(Uint8Array.from(chunk))
    yield* found
    found = []
  }
  reader.push(new Uint8Array(0), true)
  yield* found
}

/** Source: RFC 8878, 3.1.1.1. */
function checkWindow(start: Uint8Array): void {
  const descriptor = start[4] ?? 0
  const window = start[5] ?? 0
  if ((descriptor & 0x20) !== 0) return
  const bytes = 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8)
  if (bytes > maxZstdWindowBytes) throw new MalformedError('zstd', 5, 'its window is larger than 128 MiB')
}
