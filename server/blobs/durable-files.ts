import * as nodeFs from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes durable what `path` holds: the bytes of a file, or the names in a folder. */
export async function syncPath(path: string, fs: Pick<typeof nodeFs, 'open'> = nodeFs): Promise<void> {
  const handle = await fs.open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Writes a text to a file for its owner alone. The file is there as a whole or not at all, also after power loss; until then
 * the text is in `PATH.partial`.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  const partial = `${path}.partial`
  const handle = await nodeFs.open(partial, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await nodeFs.rename(partial, path)
  await syncPath(dirname(path))
}
