import { extract, type Header } from 'tar-stream'
import { MalformedError } from '../errors.ts'

/** A member of a tar with its content, which is empty unless it is a file. `modifiedAt` is in milliseconds since 1970. */
export type TarMember = {
  name: string
  type: string
  mode: number
  userId: number
  groupId: number
  user: string
  group: string
  modifiedAt: number
  linkName: string
  content: Uint8Array
}

/** Bytes that are given to the reader at once. */
const pieceBytes = 1024 * 1024

/**
 * The members of a tar, in its order, at most `maxMembers`; `isCut`: there are more. Throws MalformedError. Source: POSIX pax,
 * ustar; GNU's long names.
 */
export async function readTarMembers(
  bytes: Uint8Array,
  maxMembers: number,
): Promise<{ members: TarMember[]; isCut: boolean }> {
  const archive = extract()
  const members: TarMember[] = []
  const feeding = feed(archive, bytes)
  try {
    for await (const entry of archive) {
      if (members.length === maxMembers) return { members, isCut: true }
      const parts: Uint8Array[] = []
      for await (const part of entry) parts.push(part as Uint8Array)
      const [only = Buffer.of(), ...others] = parts
      members.push(memberOf(entry.header, others.length > 0 ? Buffer.concat(parts) : only))
    }
    return { members, isCut: false }
  } catch (error) {
    throw new MalformedError('tar', 0, error instanceof Error ? error.message : String(error))
  } finally {
    archive.destroy()
    await feeding
  }
}

async function feed(archive: ReturnType<typeof extract>, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length && !archive.destroyed; at += pieceBytes) {
    if (archive.write(bytes.subarray(at, at + pieceBytes))) continue
    await new Promise<void>((resolve) => {
      archive.once('drain', resolve)
      archive.once('close', resolve)
    })
  }
  archive.end(undefined)
}

function memberOf(header: Header, content: Uint8Array): TarMember {
  return {
    name: header.name,
    type: header.type ?? 'file',
    mode: header.mode ?? 0,
    userId: header.uid ?? 0,
    groupId: header.gid ?? 0,
    user: header.uname ?? '',
    group: header.gname ?? '',
    modifiedAt: header.mtime?.getTime() ?? 0,
    linkName: header.linkname ?? '',
    content,
  }
}
