import { toBlobId } from '../blobs/blob-store.ts'
import { readText } from '../blobs/read-text.ts'
import type { Deps } from '../deps.ts'

/** A longer script is cut there. No script that people wrote is longer; a record may bring 64 MiB. */
export const maxScriptBytes = 256 * 1024

/** The start of the script of a build as text, at most `maxScriptBytes`. Throws when the blob is missing: a corrupt store. */
export async function readScript(
  { blobs }: Pick<Deps, 'blobs'>,
  build: { uuid: string; scriptSha256: string },
): Promise<string> {
  const text = await readText(blobs, toBlobId(build.scriptSha256), maxScriptBytes)
  if (text === null) throw new Error(`script ${build.scriptSha256} of build ${build.uuid} is missing`)
  return text
}
