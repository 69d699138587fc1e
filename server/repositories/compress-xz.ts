import { execFile } from 'node:child_process'
import { errorCode } from '../blobs/storage-full.ts'

const maxBytes = 256 * 1024 ** 2
const timeoutMs = 120_000

/**
 * The bytes as the program `xz` compresses them; null if the machine does not have it: then clients take another
 * compression. There is no package for Node.js that writes xz and that is kept up.
 */
export function compressXz(content: Uint8Array): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      'xz',
      ['--compress', '--stdout', '--format=xz', '-6'],
      // Nothing of the server's environment, which may have secrets, but where programs are.
      {
        encoding: 'buffer',
        env: { PATH: process.env['PATH'] ?? '' },
        maxBuffer: maxBytes,
        timeout: timeoutMs,
      },
      (error, stdout) => {
        if (!error) resolve(stdout)
        else if (errorCode(error) === 'ENOENT') resolve(null)
        else reject(new Error('xz failed', { cause: error }))
      },
    )
    // A program that ends early closes its input; how it ended is told above.
    child.stdin?.on('error', () => {})
    child.stdin?.end(content)
  })
}
