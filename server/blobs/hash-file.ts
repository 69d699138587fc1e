import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** The hash of the content of a file, in hexadecimal digits. */
export async function hashFile(path: string, algorithm: 'sha256' | 'md5' = 'sha256'): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>)
    hash.update(chunk)
  return hash.digest('hex')
}
