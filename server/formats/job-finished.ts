import { commandNumbers } from './builder-commands.ts'
import { DerReader } from './der.ts'
import { derHeaderBytes, derLength, derTags, type DerValue } from './der-header.ts'
import { maxPathBytes, UnsafeNameError } from './exec-names.ts'
import { decodeResult, type ExecResult } from './exec-values.ts'
import { badUuid, parseUuid, uuidBytes } from './uuid-octets.ts'

/** A file of a finished job. `chunks` are read once, before the next file is asked for. `mode` where the sender has told it. */
export type StreamedFile = {
  path: string
  sizeBytes: number
  mode?: number
  chunks: AsyncIterable<Uint8Array>
}

/** Limit of a message in place of an exit code. */
const resultBytes = 64 * 2 ** 10
const { utf8String, sequence, explicit } = derTags
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads a Job_finished from its chunks, of any size with constant memory. `files` gives the files in their order,
 * with paths as they were sent; what is not read of a file is skipped. After the last file the command is read to its end.
 *
 * Throws MalformedError and RecordTooLargeError, and so do `files`; these throw UnsafeNameError for a path that cannot be told,
 * since the script has made it, and not the worker.
 */
export async function readJobFinished(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ uuid: string; result: ExecResult; files: AsyncGenerator<StreamedFile, void, void> }> {
  const der = new DerReader(chunks, 'command of builder')
  const outer = await der.read(der.input, 'the command', explicit(commandNumbers.jobFinished))
  const body = await der.read(outer, 'the body', sequence)
  const uuid = await der.read(body, 'uuid', utf8String)
  if (derLength(uuid) !== uuidBytes) throw badUuid(uuid, derLength(uuid))
  const octets = await der.readContent(uuid, uuidBytes)
  const { value, encoded } = await der.readEncoded(body, 'the result', resultBytes + derHeaderBytes)
  return {
    uuid: parseUuid(octets, uuid),
    result: decodeResult(value, encoded),
    files: filesOf(der, outer, body),
  }
}

async function* filesOf(
  der: DerReader,
  outer: DerValue,
  body: DerValue,
): AsyncGenerator<StreamedFile, void, void> {
  const files = await der.read(body, 'files', sequence)
  while (!der.isAtEnd(files)) {
    const file = await der.read(files, 'a file', sequence)
    const pathValue = await der.read(file, 'path', utf8String)
    if (derLength(pathValue) > maxPathBytes)
      throw new UnsafeNameError(`has ${derLength(pathValue)} bytes; at most ${maxPathBytes} are allowed`)
    const path = decoded(await der.readContent(pathValue, maxPathBytes))
    const data = await der.read(file, 'data of a file', utf8String)
    const chunks = der.chunks(data)
    yield { path, sizeBytes: derLength(data), chunks }
    await chunks.return()
    await der.skip(data)
    der.close(file)
  }
  der.close(body)
  der.close(outer)
  await der.end()
}

function decoded(octets: Uint8Array): string {
  try {
    return utf8.decode(octets)
  } catch (error) {
    if (error instanceof TypeError)
      throw new UnsafeNameError(`${JSON.stringify(Buffer.from(octets).toString())} is not UTF-8`)
    throw error
  }
}
