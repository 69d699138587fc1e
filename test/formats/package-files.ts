import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { buffer } from 'node:stream/consumers'

/** An `ar` archive with these members. */
export function arOf(members: readonly (readonly [name: string, content: Uint8Array])[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from('!<arch>\n')]
  for (const [name, content] of members) {
    const head = [name.padEnd(16), '0'.padEnd(12), '0'.padEnd(6), '0'.padEnd(6), '100644'.padEnd(8)]
    parts.push(Buffer.from(`${head.join('')}${String(content.length).padEnd(10)}\`\n`), content)
    if (content.length % 2 === 1) parts.push(Buffer.from('\n'))
  }
  return Buffer.concat(parts)
}

/** A tar with these files. */
export async function tarOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  const archive = pack()
  for (const [name, content] of Object.entries(files))
    archive.entry({ name, mtime: new Date(0) }, Buffer.from(content))
  archive.finalize()
  return buffer(archive as never)
}

export const control = 'Package: hello\nVersion: 1:0.1-1\nArchitecture: amd64\nDescription: says hello\n'

/** A Debian package with this control file. */
export async function debOf(text: string | Uint8Array = control): Promise<Buffer> {
  return arOf([
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', gzipSync(await tarOf({ './control': text }))],
    ['data.tar.gz', gzipSync(await tarOf({}))],
  ])
}
