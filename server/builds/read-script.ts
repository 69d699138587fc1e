import { toBlobId } from '../blobs/blob-store.ts'
import { missingBlob } from '../blobs/checked-stream.ts'
import { readText } from '../blobs/read-text.ts'
import type { Deps } from '../deps.ts'

/** A longer script is cut there. No script that people wrote is longer; a record may bring 64 MiB. */
export const maxScriptBytes = 256 * 1024

/**
 * The start of the script of a build as text, at most `maxScriptBytes`. Throws DamagedBlobError when the blob is
 * missing.
 */
export async function readScript({ blobs }: Pick<Deps, 'blobs'>, scriptSha256: string): Promise<string> {
  const id = toBlobId(scriptSha256)
  const text = await readText(blobs, id, maxScriptBytes)
  if (text === null) throw missingBlob(id)
  return text
}
