import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../server/clock.ts'
import { runProgram } from '../../../server/hooks/run-program.ts'
import { projectDir, temporaryDir } from '../../app.ts'
import { isInstalled } from '../../programs.ts'

/** A configuration directory with a ready hook and its settings, and what the hook is called with. */
function siteOf(hook: string, settings: Record<string, string>) {
  const configDir = temporaryDir()
  mkdirSync(join(configDir, 'upload-hooks'))
  const file = join(configDir, 'upload-hooks', hook)
  copyFileSync(join(projectDir, 'packaging/hooks/upload-hooks', hook), file)
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  writeFileSync(join(configDir, 'hooks.conf'), `${lines.join('\n')}\n`)
  const cacheDir = temporaryDir()
  return async (binary: string, path: string, buildTime = '20261101100000', programs = '') => {
    const sha256 = createHash('sha256').update(readFileSync(binary)).digest('hex')
    const folder = temporaryDir()
    const { exitStatus, output } = await runProgram(
      {
        file,
        args: [
          ...[`--build-time=${buildTime}`, `--sha256=${sha256}`, '--job=hello', '--uuid=1'],
          ...['--platform=debian-12', `--cache-dir=${cacheDir}`, '--data-dir=/nowhere'],
          ...[`--main-binary-filepath=${path}`, binary],
        ],
        env: { PATH: `${programs}/usr/bin:/bin`, HOME: cacheDir, LANG: 'C.UTF-8', TMPDIR: folder },
        ...{ folder, timeoutMs: 60_000, graceMs: 1_000, maxOutputBytes: 10_000 },
      },
      systemClock,
      new AbortController().signal,
    )
    return { exitStatus, output: output.text.toString(), sha256 }
  }
}

/** A Debian package of some bytes, under a name as the store gives it. */
function debOf(version: string, content: string): string {
  const dir = temporaryDir()
  mkdirSync(join(dir, 'root/DEBIAN'), { recursive: true })
  writeFileSync(
    join(dir, 'root/DEBIAN/control'),
    `Package: hello\nVersion: ${version}\nArchitecture: amd64\nMaintainer: a test <a@example.org>\nDescription: a test\n`,
  )
  writeFileSync(join(dir, 'root/hello'), content)
  const file = join(dir, 'blob')
  execFileSync('dpkg-deb', ['--root-owner-group', '--build', '-Znone', join(dir, 'root'), file])
  return file
}

test.skipIf(!isInstalled('aptly', 'dpkg-deb', 'flock'))(
  'aptly.sh publishes packages by the rule of versions, and what is published once',
  async () => {
    const root = temporaryDir()
    const config = join(root, 'aptly.conf')
    writeFileSync(config, JSON.stringify({ rootDir: root, gpgDisableSign: true }))
    const run = siteOf('aptly.sh', { APTLY_CONFIG: config, APTLY_SKIP_SIGNING: 'yes' })
    const packages = () => {
      const text = readFileSync(join(root, 'public/dists/debian-12/main/binary-amd64/Packages'), 'utf8')
      return [...text.matchAll(/^Version: (.*)$/gm)].map(([, version]) => version)
    }
    const one = debOf('1.2.3', 'one')
    const first = await run(one, 'hello.deb')
    expect(first).toMatchObject({ exitStatus: 0 })
    expect(packages()).toEqual([`1.2.3-0-g0000000-20261101100000-${first.sha256}`])
    const again = await run(one, 'hello.deb', '20261102100000')
    expect(again).toMatchObject({ exitStatus: 0, output: expect.stringContaining('already') as string })
    expect(packages()).toHaveLength(1)
    const second = await run(debOf('1.2.3-4-gabcdef0', 'two'), 'hello.deb', '20261103100000')
    expect(second.exitStatus).toBe(0)
    expect(packages()).toContain(`1.2.3-4-gabcdef0-20261103100000-${second.sha256}`)
    expect(await run(debOf('1.2', 'three'), 'hello.deb')).toMatchObject({
      ...{ exitStatus: 1, output: expect.stringContaining('version 1.2 is neither') as string },
    })
    expect(await run(one, 'bin/hello.hvt')).toMatchObject({
      ...{ exitStatus: 0, output: 'bin/hello.hvt is no Debian package\n' },
    })
    expect(packages()).toHaveLength(2)
  },
)

/** Not FreeBSD's: it makes files of the right names, and says how it was called. */
const pkg = `#!/bin/sh
echo "pkg $*"
if [ "$1" = create ]; then
  jq -r '"\\(.name)-\\(.version).pkg"' +MANIFEST | { read -r name; cp +MANIFEST "$name"; }
fi
`

test.skipIf(!isInstalled('jq', 'flock'))(
  'freebsd-pkg.sh names packages by the rule of versions, and what is published once',
  async () => {
    const programs = temporaryDir()
    writeFileSync(join(programs, 'pkg'), pkg, { mode: 0o755 })
    const repo = temporaryDir()
    const run = siteOf('freebsd-pkg.sh', { REPO: repo, REPO_KEY: '/etc/repo.key' })
    const packageOf = (version: string) => {
      const dir = temporaryDir()
      const manifest = { name: 'hello', version, abi: 'FreeBSD:14:amd64' }
      writeFileSync(join(dir, '+MANIFEST'), JSON.stringify(manifest))
      execFileSync('tar', ['-c', '-C', dir, '-f', join(dir, 'blob'), '+MANIFEST'])
      return join(dir, 'blob')
    }
    const publish = (version: string, time: string) =>
      run(packageOf(version), 'hello.pkg', time, `${programs}:`)
    const files = () => readdirSync(join(repo, 'FreeBSD:14:amd64/All'))
    const first = await publish('1.2.3', '20261101100000')
    expect(first.output).toContain(`pkg repo ${repo}/FreeBSD:14:amd64 /etc/repo.key`)
    expect(files()).toEqual([`hello-1.2.3.0.g0000000.20261101100000.${first.sha256}.pkg`])
    expect((await publish('1.2.3', '20261101100000')).exitStatus).toBe(0)
    const second = await publish('1.2.3.4.gabcdef0', '20261102100000')
    expect(files()).toEqual([`hello-1.2.3.4.gabcdef0.20261102100000.${second.sha256}.pkg`])
    expect(await publish('1.2', '20261103100000')).toMatchObject({ exitStatus: 1 })
    expect(files()).toHaveLength(1)
  },
)
