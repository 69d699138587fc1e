import type { ExtensionMessage } from '../formats/worker-extension.ts'
import type { BuiltFile } from '../scheduling/scheduler.ts'
import { PeerGoneError, ProtocolError } from './errors.ts'

/**
 * The files of a run that has ended, as its worker sends them: `file`, then `bytes` until its size is reached, `fileCount`
 * times. `files` may be left at any point; `skip` passes over the rest.
 */
export function createTransfer(
  uuid: string,
  fileCount: number,
  readMessage: () => Promise<ExtensionMessage | null>,
): { files: () => AsyncGenerator<BuiltFile, void, void>; skip: () => Promise<void> } {
  let filesLeft = fileCount
  let bytesLeft = 0

  async function next(): Promise<ExtensionMessage> {
    const message = await readMessage()
    if (!message) throw new PeerGoneError('the worker has closed the connection while it sent files')
    return message
  }

  async function nextFile(): Promise<ExtensionMessage & { kind: 'file' }> {
    const message = await next()
    if (message.kind !== 'file' || message.uuid !== uuid)
      throw new ProtocolError(`expected a file of ${uuid}, got ${message.kind}`)
    filesLeft--
    bytesLeft = message.sizeBytes
    return message
  }

  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    while (bytesLeft > 0) {
      const message = await next()
      if (message.kind !== 'bytes') throw new ProtocolError(`expected bytes of a file, got ${message.kind}`)
      const { data } = message
      if (data.length === 0 || data.length > bytesLeft)
        throw new ProtocolError(`${data.length} bytes of a file, of which ${bytesLeft} are missing`)
      bytesLeft -= data.length
      yield data
    }
  }

  async function skipFile(): Promise<void> {
    for await (const _chunk of chunks());
  }

  return {
    async *files() {
      while (filesLeft > 0) {
        const { path, sizeBytes } = await nextFile()
        yield { path, sizeBytes, chunks: chunks() }
        await skipFile()
      }
    },

    async skip() {
      await skipFile()
      while (filesLeft > 0) {
        await nextFile()
        await skipFile()
      }
    },
  }
}
