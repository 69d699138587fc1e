import { MalformedError } from '../errors.ts'
import type { FileRanges } from './file-ranges.ts'

/**
 * A member of an archive: its content is bytes `start` to `end` (exclusive) of the file. `modifiedAt` (in seconds since 1970), `owner`,
 * `group` and `mode` are texts of the header, without the blanks after them.
 */
export type ArMember = {
  name: string
  start: number
  end: number
  modifiedAt: string
  owner: string
  group: string
  mode: string
}

const magic = '!<arch>\n'
const headerBytes = 60
/** A Debian package has three members, or a few more for signatures. */
const fewMembers = 16

/**
 * The first members of an `ar` archive, 16 unless `maxMembers` is given. A slash at the end of a name is left out; longer names than
 * 16 bytes are read from GNU's table of names. Throws MalformedError. Source: deb(5), ar(5).
 */
export function readArMembers(file: FileRanges, { maxMembers = fewMembers } = {}): ArMember[] {
  if (file.sizeBytes < magic.length || latin1(file.read(0, magic.length)) !== magic)
    throw new MalformedError('ar archive', 0, 'it does not begin with !<arch>')
  const members: ArMember[] = []
  let longNames = ''
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
    const given = header.slice(0, 16).trimEnd()
    if (given === '//') longNames = latin1(file.read(start, end))
    members.push({
      name: nameOf(given, longNames),
      ...{ start, end },
      modifiedAt: header.slice(16, 28).trimEnd(),
      owner: header.slice(28, 34).trimEnd(),
      group: header.slice(34, 40).trimEnd(),
      mode: header.slice(40, 48).trimEnd(),
    })
    offset = end + (end % 2)
  }
  return members
}

/** `/` and `//` are the tables of symbols and of names; `/12` is the name at byte 12 of the latter. */
function nameOf(given: string, longNames: string): string {
  const place = /^\/(\d+)$/.exec(given)?.[1]
  if (place === undefined) return /^\/+$/.test(given) ? given : given.replace(/\/$/, '')
  return /^[^\n]*?(?=\/?\n|$)/.exec(longNames.slice(Number(place)))?.[0] || given
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
