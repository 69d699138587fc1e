import { MalformedError } from '../errors.ts'
import { readArMembers } from './ar.ts'
import { fieldOf, parseControl, printControl } from './control-paragraph.ts'
import { compressionOf, decompress } from './decompress.ts'
import type { FileRanges } from './file-ranges.ts'
import { piecesOf, type PackageFacts } from './package-facts.ts'
import { readTarMember } from './tar-member.ts'

const maxControlBytes = 256 * 1024

/**
 * Reads the control file of a Debian package (deb 2.x), whose control archive is compressed by gzip, xz, zstd or not at all. Reads
 * nothing of its data. Throws MalformedError. Source: deb(5), Debian Policy 5.6.
 */
export async function readDebianPackage(file: FileRanges): Promise<PackageFacts> {
  const [version, control] = readArMembers(file)
  if (version?.name !== 'debian-binary')
    throw new MalformedError('Debian package', 8, 'its first member is not debian-binary')
  if (
    !/^2\.\d+\n/.test(
      Buffer.from(file.read(version.start, Math.min(version.end, version.start + 16))).toString('latin1'),
    )
  )
    throw new MalformedError('Debian package', version.start, 'its version is not 2.x')
  if (!control || !/^control\.tar(\.gz|\.xz|\.zst)?$/.test(control.name))
    throw new MalformedError('Debian package', version.end, 'its second member is not control.tar')
  const start = file.read(control.start, Math.min(control.end, control.start + 8))
  const chunks = decompress(compressionOf(start), piecesOf(file, control.start, control.end))
  const found = await readTarMember(chunks, ['./control', 'control'], maxControlBytes)
  if (!found)
    throw new MalformedError('Debian package', control.start, 'its control archive has no control file')
  return factsOf(found)
}

const patterns = {
  Package: /^[a-z0-9][a-z0-9+.-]+$/,
  Version: /^[A-Za-z0-9.+~:-]{1,200}$/,
  Architecture: /^[a-z0-9-]{1,50}$/,
}

function factsOf(bytes: Buffer): PackageFacts {
  let text
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new MalformedError('control file', 0, 'it is not UTF-8')
  }
  const fields = parseControl(text)
  const value = (name: keyof typeof patterns) => {
    const found = fieldOf(fields, name)
    if (found === null) throw new MalformedError('control file', 0, `it has no field ${name}`)
    if (!patterns[name].test(found) || found.length > 200)
      throw new MalformedError('control file', 0, `its field ${name} has a value that is not allowed`)
    return found
  }
  return {
    format: 'DEB',
    name: value('Package'),
    version: value('Version'),
    architecture: value('Architecture'),
    control: printControl(fields),
  }
}
