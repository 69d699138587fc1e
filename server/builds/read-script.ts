import { toBlobId } from '../blobs/blob-store.ts'
import { readText } from '../blobs/read-text.ts'
import type { Deps } from '../deps.ts'

/** The script of a build as text. Throws if the blob is missing, because the store is then corrupt. */
export async function readScript(
  { blobs }: Pick<Deps, 'blobs'>,
  build: { uuid: string; scriptSha256: string },
): Promise<string> {
  const text = await readText(blobs, toBlobId(build.scriptSha256))
  if (text === null) throw new Error(`script ${build.scriptSha256} of build ${build.uuid} is missing`)
  return text
}
