import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../server/settings/config-file.ts'
import { projectDir, temporaryDir } from '../app.ts'

const hasDpkg = spawnSync('dpkg-deb', ['--version'], { stdio: 'ignore' }).status === 0

/** The packages that `npm run package` makes, which takes seconds: each test looks at the same ones. */
function makePackages(dest: string): { npm: string; deb: string } {
  const made = execFileSync(
    process.execPath,
    ['scripts/package.mjs', '--dest', dest, '--compression', 'gzip'],
    { cwd: projectDir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [npm = '', deb = ''] = made.trimEnd().split('\n')
  return { npm, deb }
}

/** As the shell finds programs, with the Node.js of this process first. */
const env = {
  ...process.env,
  PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
  BUILDER_HUB_CONFIG: '',
}

describe.skipIf(!hasDpkg)('packages', () => {
  let packages: ReturnType<typeof makePackages>
  let root: string
  beforeAll(() => {
    const dir = mkdtempSync(join(tmpdir(), 'packages-'))
    packages = makePackages(dir)
    root = join(dir, 'root')
    execFileSync('dpkg-deb', ['-x', packages.deb, root])
    return () => rmSync(dir, { recursive: true, force: true })
  })

  test('a package has what runs, and nothing else', () => {
    const files = execFileSync('tar', ['-tzf', packages.npm], { encoding: 'utf8' }).trimEnd().split('\n')
    for (const file of [
      'bin/hub',
      'bin/builder-hub',
      'dist/server.mjs',
      'web/dist/index.html',
      'packaging/builder-hub.service',
      'packaging/builder-hub-worker@.service',
      'packaging/freebsd/builder_hub_worker',
    ])
      expect(files).toContain(`package/${file}`)
    expect(
      files.filter((file) => /\.tsx?$|\.map$|\/test\/|\.stamp$|demo|schema\.prisma$/.test(file)),
    ).toEqual([])
  })

  test('a package that is made again is the same, byte for byte', () => {
    const again = makePackages(temporaryDir())
    expect(readFileSync(again.deb).equals(readFileSync(packages.deb))).toBe(true)
    expect(readFileSync(again.npm).equals(readFileSync(packages.npm))).toBe(true)
  })

  test('what the package has installed serves a site and manages it', async () => {
    const dataDir = join(temporaryDir(), 'data')
    const hub = (...args: string[]) =>
      spawnSync(join(root, 'usr/bin/hub'), [...args, '--data-dir', dataDir], {
        env,
        encoding: 'utf8',
        input: 'secret\n',
      })
    const { version } = JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8')) as {
      version: string
    }
    expect(hub('--version').stdout).toBe(`${version}\n`)
    expect(hub('user', 'add', 'alice').stdout).toContain('user alice is created')

    const server = spawn(join(root, 'usr/bin/builder-hub'), ['--port', '0', '--data-dir', dataDir], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    onTestFinished(() => void server.kill('SIGKILL'))
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string]
    const url = line.replace('Builder Hub is ready at ', '')
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
    const page = await fetch(url, { headers: { Accept: 'text/html' } })
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const exited = once(server, 'exit')
    // The shell of the program is replaced by the server: what a service manager ends is the server.
    server.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
  })

  test('the configuration of the package is valid', () => {
    const file = join(root, 'etc/builder-hub/config.toml')
    expect(parseConfig(readFileSync(file, 'utf8'), file)).toEqual({
      BUILDER_HUB_DATA_DIR: '/var/lib/builder-hub',
      BUILDER_HUB_CONFIG_DIR: '/etc/builder-hub',
    })
    expect(existsSync(join(root, 'etc/builder-hub/upload-hooks/aptly.sh.sample'))).toBe(true)
  })
})

test('the programs start the server with the same flags', () => {
  const flags = JSON.parse(readFileSync(join(projectDir, 'scripts/server-flags.json'), 'utf8')) as string[]
  expect(readFileSync(join(projectDir, 'bin/builder-hub'), 'utf8')).toContain(`exec node ${flags.join(' ')} `)
})

const hasSystemd = spawnSync('systemd-analyze', ['--version'], { stdio: 'ignore' }).status === 0

test.skipIf(!hasSystemd).each([
  ['builder-hub.service', 'builder-hub.service', 2],
  // Scripts get a system of their own from bubblewrap, for which the unit has to allow namespaces and mounts.
  ['builder-hub-worker@.service', 'builder-hub-worker@debian-12.service', 4],
])('systemd takes %s for little exposed, and knows all that is in it', (file, name, most) => {
  const unit = join(temporaryDir(), name)
  copyFileSync(join(projectDir, 'packaging', file), unit)
  const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], {
    encoding: 'utf8',
  })
  const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1])
  expect(exposure).toBeLessThanOrEqual(most)
  const { stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
  expect(
    stderr.split('\n').filter((line) => line !== '' && !/is not executable|man page/.test(line)),
  ).toEqual([])
})
