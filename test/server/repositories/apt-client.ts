import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDir } from '../../app.ts'

export type AptAnswer = { status: number; output: string }

/** Debian's own apt, with a root folder of its own: it changes nothing of the machine, and talks to 127.0.0.1 alone. */
export type AptClient = {
  root: string
  run: (...args: string[]) => Promise<AptAnswer>
  /** What a program of an installed package is. */
  read: (path: string) => string
  /** The key that is trusted from now on. */
  trust: (key: string) => void
  setSources: (text: string) => void
}

/** `Signed-By` of a source names the key by `root/key.asc`. */
export function aptClient(architecture = 'amd64'): AptClient {
  const root = temporaryDir()
  const folders = ['etc/sources.list.d', 'etc/auth.conf.d', 'etc/trusted', 'state/lists/partial', 'log']
  for (const folder of [...folders, 'cache/archives/partial', 'var/lib/dpkg/info', 'var/lib/dpkg/updates'])
    mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'var/lib/dpkg/status'), '')
  const options: Record<string, string> = {
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    'APT::Sandbox::User': '',
    'APT::Get::Assume-Yes': 'true',
    'Acquire::http::Proxy': 'false',
    'Acquire::Retries': '0',
    'Acquire::Languages': 'none',
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': `${root}/etc/sources.list.d`,
    'Dir::Etc::trusted': '/dev/null',
    'Dir::Etc::trustedparts': `${root}/etc/trusted`,
    'Dir::Etc::netrc': `${root}/etc/auth.conf`,
    'Dir::Etc::netrcparts': `${root}/etc/auth.conf.d`,
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': `${root}/etc/trusted`,
    'Dir::State': `${root}/state`,
    'Dir::State::status': `${root}/var/lib/dpkg/status`,
    'Dir::Cache': `${root}/cache`,
    'Dir::Log': `${root}/log`,
    'Debug::NoLocking': 'true',
    'Dpkg::Use-Pty': 'false',
  }
  const dpkg = [
    `--root=${root}`,
    '--force-not-root',
    '--force-script-chrootless',
    `--log=${root}/log/dpkg.log`,
  ]
  const config = [
    // The machine's own configuration is not read: no parts, and no list that is inherited.
    ...Object.entries(options).map(([name, value]) => `${name} "${value}";`),
    ...dpkg.map((option) => `DPkg::Options:: "${option}";`),
    '#clear DPkg::Pre-Install-Pkgs;',
    '#clear DPkg::Post-Invoke;',
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
  ]
  writeFileSync(join(root, 'apt.conf'), `${config.join('\n')}\n`)
  return {
    root,
    run: (...args) =>
      new Promise((resolve) => {
        execFile(
          'apt-get',
          args,
          {
            // It downloads into the folder in which it runs.
            cwd: root,
            env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', APT_CONFIG: join(root, 'apt.conf') },
            maxBuffer: 16 * 1024 ** 2,
          },
          (error, stdout, stderr) => {
            const status = error ? (typeof error.code === 'number' ? error.code : -1) : 0
            resolve({ status, output: stdout + stderr })
          },
        )
      }),
    read: (path) => readFileSync(join(root, path), 'utf8'),
    trust: (key) => writeFileSync(join(root, 'key.asc'), key),
    setSources: (text) => writeFileSync(join(root, 'etc/sources.list.d/hub.sources'), text),
  }
}
