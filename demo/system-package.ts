import { gzipSync } from 'node:zlib'
import type { Platform } from './host.ts'

type Entry = { path: string; content: Uint8Array; mode: number }

/** The time of all files in the archives, in seconds since 1970. It makes the archives reproducible. */
const sourceDate = 1589138087

/** A package of the platform's own kind, with programs in its bin folder. */
export function systemPackage(
  name: string,
  version: string,
  platform: Platform,
  programs: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const folder = platform === 'freebsd-14' ? 'usr/local/bin' : 'usr/bin'
  const files = [...programs].map(([program, content]) => ({
    path: `${folder}/${program}`,
    content,
    mode: 0o755,
  }))
  return platform === 'freebsd-14'
    ? freebsdPackage(name, version, files)
    : debianPackage(name, version, files)
}

/** An `ar` of a version, a control archive and a data archive. Source: deb(5). */
function debianPackage(name: string, version: string, files: readonly Entry[]): Uint8Array {
  const control = `Package: ${name}\nVersion: ${version}-0-g0000000\nArchitecture: amd64\nMaintainer: The demo's authors <demo@builder-hub.example>\nDescription: ${name}, as built on this site\n`
  const members: [string, Uint8Array][] = [
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', archive([{ path: './control', content: Buffer.from(control), mode: 0o644 }])],
    ['data.tar.gz', archive(files.map((file) => ({ ...file, path: `./${file.path}` })))],
  ]
  const parts: Uint8Array[] = [Buffer.from('!<arch>\n')]
  for (const [member, content] of members) {
    const fields = [
      member.padEnd(16),
      String(sourceDate).padEnd(12),
      '0'.padEnd(6),
      '0'.padEnd(6),
      '100644'.padEnd(8),
      String(content.length).padEnd(10),
    ]
    parts.push(Buffer.from(`${fields.join('')}\`\n`), content, Buffer.alloc(content.length % 2, '\n'))
  }
  return Buffer.concat(parts)
}

/** A tar whose first entries are the manifests. Source: pkg-create(8). */
function freebsdPackage(name: string, version: string, files: readonly Entry[]): Uint8Array {
  const manifest = {
    name,
    origin: `local/${name}`,
    version,
    comment: `${name}, as built on this site`,
    maintainer: 'demo@builder-hub.example',
    www: 'https://builder-hub.example',
    prefix: '/usr/local',
    arch: 'FreeBSD:14:amd64',
  }
  const full = { ...manifest, files: Object.fromEntries(files.map(({ path }) => [`/${path}`, '-'])) }
  const json = (value: object) => Buffer.from(JSON.stringify(value))
  return archive([
    { path: '+COMPACT_MANIFEST', content: json(manifest), mode: 0o644 },
    { path: '+MANIFEST', content: json(full), mode: 0o644 },
    ...files.map((file) => ({ ...file, path: `/${file.path}` })),
  ])
}

/** A compressed tar, POSIX 1003.1-1990 ("ustar"). The fastest compression will do for a demo. */
function archive(entries: readonly Entry[]): Uint8Array {
  const parts = entries.flatMap(({ path, content, mode }) => {
    const header = Buffer.alloc(512)
    const octal = (value: number, offset: number, digits: number) =>
      header.write(value.toString(8).padStart(digits, '0'), offset, 'latin1')
    header.write(path, 0, 'utf8')
    octal(mode, 100, 7)
    octal(0, 108, 7)
    octal(0, 116, 7)
    octal(content.length, 124, 11)
    octal(sourceDate, 136, 11)
    header.write('        0', 148, 'latin1')
    header.write('ustar\x0000root', 257, 'latin1')
    header.write('root', 297, 'latin1')
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      148,
      6,
    )
    header[154] = 0
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]
  })
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]), { level: 1 })
}
