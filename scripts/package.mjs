// Makes the packages of a release: what `npm pack` gives, and a Debian package with the same files and the one
// dependency, which is native. Both are the same bytes each time that they are made from a commit.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { projectDir } from './setup.mjs'

const { values } = parseArgs({
  options: {
    dest: { type: 'string', default: 'dist/packages' },
    // Of dpkg-deb: xz is smallest, gzip is fast.
    compression: { type: 'string', default: 'xz' },
  },
})
const dest = resolve(values.dest)
const { name, version } = JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8'))

/** Runs a program and returns what it prints. */
const run = (program, args, options = {}) =>
  execFileSync(program, args, {
    cwd: projectDir,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  })

/** The time of the commit: files have it as theirs. */
function sourceDate() {
  if (process.env.SOURCE_DATE_EPOCH) return process.env.SOURCE_DATE_EPOCH
  try {
    return run('git', ['log', '-1', '--format=%ct'], { stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    throw new Error('this is no clone with git: set SOURCE_DATE_EPOCH to the time of the release in seconds')
  }
}

/** Returns the path of the tarball. Its files are those that package.json names under "files". */
function makeNpmPackage() {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dest]))
  return join(dest, packed.filename)
}

/** What of better-sqlite3 is loaded: the addon is compiled for this machine and this major version of Node.js. */
const nativeFiles = [
  'better-sqlite3/package.json',
  'better-sqlite3/LICENSE',
  'better-sqlite3/lib',
  'better-sqlite3/build/Release/better_sqlite3.node',
  'bindings/package.json',
  'bindings/LICENSE.md',
  'bindings/bindings.js',
  'file-uri-to-path/package.json',
  'file-uri-to-path/LICENSE',
  'file-uri-to-path/index.js',
]

/** The manual page and the completions of the command line, which knows them itself. */
function makeShellFiles(at) {
  const hub = (...args) =>
    run(process.execPath, ['dist/hub.mjs', ...args], { env: { ...process.env, BUILDER_HUB_CONFIG: '' } })
  const files = {
    'usr/share/bash-completion/completions/hub': hub('completion', 'bash'),
    'usr/share/zsh/vendor-completions/_hub': hub('completion', 'zsh'),
    'usr/share/fish/vendor_completions.d/hub.fish': hub('completion', 'fish'),
    'usr/share/man/man1/hub.1.gz': gzipSync(hub('man'), { level: 9 }),
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(at(dirname(path)), { recursive: true, mode: 0o755 })
    writeFileSync(at(path), content)
  }
}

/** Bytes of the files below a folder. What a folder itself takes depends on the file system. */
const sizeOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)

function makeDebianPackage(npmPackage) {
  const epoch = sourceDate()
  const architecture = run('dpkg', ['--print-architecture']).trim()
  const major = Number(process.versions.node.split('.')[0])
  const root = mkdtempSync(join(tmpdir(), 'builder-hub-deb-'))
  const at = (...path) => join(root, ...path)
  try {
    for (const folder of [
      'DEBIAN',
      'usr/lib/builder-hub',
      'usr/bin',
      'usr/lib/systemd/system',
      'etc/builder-hub',
    ])
      mkdirSync(at(folder), { recursive: true, mode: 0o755 })
    run('tar', [
      '-xzf',
      npmPackage,
      '-C',
      at('usr/lib/builder-hub'),
      '--strip-components=1',
      '--no-same-owner',
    ])
    for (const file of nativeFiles)
      cpSync(join(projectDir, 'node_modules', file), at('usr/lib/builder-hub/node_modules', file), {
        recursive: true,
      })
    makeShellFiles(at)
    for (const program of ['builder-hub', 'hub'])
      symlinkSync(`../lib/builder-hub/bin/${program}`, at('usr/bin', program))
    for (const unit of ['builder-hub.service', 'builder-hub-worker@.service'])
      cpSync(join(projectDir, 'packaging', unit), at('usr/lib/systemd/system', unit))
    cpSync(join(projectDir, 'packaging/debian/config.toml'), at('etc/builder-hub/config.toml'))
    // As samples, which do not run: without the ending .sample they do.
    for (const folder of ['upload-hooks', 'failure-hooks', 'verdict-hooks'])
      mkdirSync(at('etc/builder-hub', folder), { recursive: true, mode: 0o755 })
    const sample = 'etc/builder-hub/upload-hooks/aptly.sh.sample'
    cpSync(join(projectDir, 'packaging/hooks/upload-hooks/aptly.sh'), at(sample))
    for (const script of ['postinst', 'prerm', 'postrm']) {
      cpSync(join(projectDir, 'packaging/debian', script), at('DEBIAN', script))
      chmodSync(at('DEBIAN', script), 0o755)
    }
    writeFileSync(at('DEBIAN/conffiles'), `/etc/builder-hub/config.toml\n/${sample}\n`)
    const control = (sizeKib) => `Package: ${name}
Version: ${version}
Architecture: ${architecture}
Maintainer: Builder Hub developers <builder-hub@example.org>
Installed-Size: ${sizeKib}
Depends: nodejs (>= ${{ 20: '20.19', 22: '22.13' }[major] ?? major}), nodejs (<< ${major + 1}), adduser
Conflicts: hub
Recommends: systemd, bubblewrap
Section: web
Priority: optional
Homepage: https://github.com/robur-coop/builder-web
Description: home for reproducible builds of opam packages and unikernels
 It receives the builds that builder schedules, keeps and shows them, checks
 whether they reproduce each other, and compares them. It has a web
 application and a GraphQL API.
`
    run('chmod', ['-R', 'u=rwX,go=rX', root])
    const sizeKib = Math.ceil(sizeOf(at('usr')) / 1024)
    writeFileSync(at('DEBIAN/control'), control(sizeKib))
    run('find', [root, '-exec', 'touch', '-h', '-d', `@${epoch}`, '{}', '+'])
    const file = join(dest, `${name}_${version}_${architecture}.deb`)
    run('dpkg-deb', ['--root-owner-group', `-Z${values.compression}`, '-b', root, file], {
      env: { ...process.env, SOURCE_DATE_EPOCH: epoch },
    })
    return file
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

mkdirSync(dest, { recursive: true })
const npmPackage = makeNpmPackage()
process.stdout.write(`${npmPackage}\n`)
let hasDpkg = true
try {
  run('dpkg-deb', ['--version'])
} catch {
  hasDpkg = false
  process.stderr.write('dpkg-deb is not installed: no Debian package is made\n')
}
if (hasDpkg) process.stdout.write(`${makeDebianPackage(npmPackage)}\n`)
