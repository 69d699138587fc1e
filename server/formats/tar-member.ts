import { extract } from 'tar-stream'
import { MalformedError } from '../errors.ts'

/** So much of a tar is looked through for a member that should be among the first. */
const maxLookedThroughBytes = 16 * 1024 ** 2
const maxMembers = 1_000

/**
 * The content of the first member of a tar that has one of these names; null: there is none among the first 1,000 members and 16 MiB.
 * No more of the tar is read than that. Throws MalformedError if the tar is broken before that, or the member is larger than `maxBytes`.
 */
export async function readTarMember(
  chunks: AsyncIterable<Uint8Array>,
  names: readonly string[],
  maxBytes: number,
): Promise<Buffer | null> {
  const archive = extract({})
  let lookedThrough = 0
  const feeding = (async () => {
    try {
      for await (const chunk of chunks) {
        if (lookedThrough > maxLookedThroughBytes || archive.destroyed) break
        lookedThrough += chunk.length
        if (!archive.write(chunk)) await drained(archive)
      }
      archive.end(undefined)
    } catch (error) {
      archive.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  })()
  try {
    let members = 0
    for await (const entry of archive) {
      if (++members > maxMembers) return null
      const { name, size } = entry.header
      if (!names.includes(name)) {
        entry.resume()
        continue
      }
      if ((size ?? 0) > maxBytes)
        throw new MalformedError('tar', 0, `${name} is larger than ${maxBytes} bytes`)
      const parts: Uint8Array[] = []
      for await (const part of entry) parts.push(part as Uint8Array)
      return Buffer.concat(parts)
    }
    return null
  } catch (error) {
    if (lookedThrough > maxLookedThroughBytes) return null
    if (error instanceof MalformedError) throw error
    throw new MalformedError('tar', 0, error instanceof Error ? error.message : String(error))
  } finally {
    archive.destroy()
    await feeding
  }
}

/** Resolves when more can be written, or never will be. */
function drained(archive: ReturnType<typeof extract>): Promise<void> {
  return new Promise((resolve) => {
    archive.once('drain', resolve)
    archive.once('close', resolve)
  })
}
