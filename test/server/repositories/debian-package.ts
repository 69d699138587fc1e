import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryDir } from '../../app.ts'

type Parts = {
  name?: string
  version: string
  architecture?: string
  /** What the only file of the package says. */
  says?: string
  compression?: 'gzip' | 'none' | 'xz' | 'zstd'
  depends?: string
}

/** A package as Debian's own `dpkg-deb` builds it, with one program. */
export function debianPackage({
  name = 'hello',
  version,
  architecture = 'amd64',
  says = `${name} ${version}`,
  compression = 'xz',
  depends,
}: Parts): Buffer {
  const dir = temporaryDir()
  const root = join(dir, 'root')
  const program = join(root, 'usr/bin', name)
  for (const folder of [dirname(program), join(root, 'DEBIAN')]) mkdirSync(folder, { recursive: true })
  writeFileSync(program, `#!/bin/sh\necho '${says}'\n`)
  chmodSync(program, 0o755)
  const fields = [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    'Maintainer: Test <test@example.org>',
    ...(depends === undefined ? [] : [`Depends: ${depends}`]),
    'Description: says hello',
    ' In two lines.',
    '',
  ]
  writeFileSync(join(root, 'DEBIAN/control'), fields.join('\n'))
  const made = join(dir, 'made.deb')
  execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '-z1', '-b', root, made], {
    stdio: 'pipe',
  })
  return readFileSync(made)
}
