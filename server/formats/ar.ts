import { MalformedError } from '../errors.ts'
import type { FileRanges } from './file-ranges.ts'

/** A member of an archive: its content is bytes `start` to `end` (exclusive) of the file. */
export type ArMember = { name: string; start: number; end: number }

const magic = '!<arch>\n'
const headerBytes = 60
/** A Debian package has three members, or a few more for signatures. */
const maxMembers = 16

/**
 * The first members of an `ar` archive, 16 at most. Names are those of the common format: of 16 bytes at most, perhaps with a slash at the end.
 * Throws MalformedError. Source: deb(5), ar(5).
 */
export function readArMembers(file: FileRanges): ArMember[] {
  if (file.sizeBytes < magic.length || latin1(file.read(0, magic.length)) !== magic)
    throw new MalformedError('ar archive', 0, 'it does not begin with !<arch>')
  const members: ArMember[] = []
  let offset = magic.length
  while (offset < file.sizeBytes && members.length < maxMembers) {
    if (offset + headerBytes > file.sizeBytes)
      throw new MalformedError('ar archive', offset, 'the header of a member is cut short')
    const header = latin1(file.read(offset, offset + headerBytes))
    if (header.slice(58) !== '`\n')
      throw new MalformedError('ar archive', offset + 58, 'the header of a member does not end as it has to')
    const size = header.slice(48, 58).trimEnd()
    if (!/^\d+$/.test(size))
      throw new MalformedError('ar archive', offset + 48, 'the size of a member is not a number')
    const start = offset + headerBytes
    const end = start + Number(size)
    if (end > file.sizeBytes) throw new MalformedError('ar archive', start, 'a member is cut short')
    members.push({ name: header.slice(0, 16).trimEnd().replace(/\/$/, ''), start, end })
    offset = end + (end % 2)
  }
  return members
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
