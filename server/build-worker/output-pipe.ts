import { execFile } from 'node:child_process'
import { constants, openSync, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * A pipe(2) for the output of a script. What spawn() of Node.js makes is a socket, and a script that opens /dev/stdout or
 * /dev/stderr, as many do, gets an error for a socket. `path`: where the pipe has its name for a moment. The caller closes the
 * descriptor `writableFd` once the script has it.
 */
export async function openOutputPipe(path: string): Promise<{ readable: Socket; writableFd: number }> {
  await run('mkfifo', ['-m', '600', path])
  // The end for reading is opened first, since the other would wait for it; it must not wait itself.
  const readableFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writableFd = openSync(path, constants.O_WRONLY)
  unlinkSync(path)
  return { readable: new Socket({ fd: readableFd, readable: true, writable: false }), writableFd }
}
