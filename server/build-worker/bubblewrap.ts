import { existsSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import type { RunFolder } from './run-folder.ts'
import type { RunLimits } from './run-limits.ts'

/** What scripts see of the machine beside the system. */
export type SandboxPlaces = {
  /** Folders and files that scripts must not see, although they lie within the system: those of the worker. */
  hidden: readonly string[]
  readable: readonly string[]
  writable: readonly string[]
}

/** Where a script starts in the sandbox: the same path for each run, since compilers write it into what they make. */
export const sandboxBuildDir = '/build'
const sandboxHomeDir = '/home/builder'

/** What lies in `/` and is not the system: data of people and of services, sockets, devices. */
const notSystem = new Set('proc dev sys run tmp home root build boot mnt media srv lost+found'.split(' '))
/** For users without rights: nested sandboxes, such as opam's, need that the user is not root. */
const sandboxUser = '1000'
/** As the packages have them: tokens, and what runs. */
const foldersOfWorkers = ['/etc/builder-hub-worker', '/var/lib/builder-hub-worker']
const sharedMemoryBytes = 64 * 2 ** 20

/**
 * The arguments of bwrap(1) for a run, before those of the program: the system read-only, the folders of the run writable, `/proc`
 * and `/dev` of its own, no process, user, host name or network of the machine. The kernel kills all processes of the sandbox
 * when its first one ends, which happens when the script, bwrap or the worker ends.
 */
export function bubblewrapArguments(
  folder: RunFolder,
  { allowsNetwork }: Pick<RunLimits, 'allowsNetwork'>,
  places: SandboxPlaces,
): string[] {
  const namespaces = ['user', 'ipc', 'pid', 'uts', ...(allowsNetwork ? [] : ['net'])]
  return [
    ...namespaces.map((name) => `--unshare-${name}`),
    ...['--unshare-cgroup-try', '--die-with-parent', '--cap-drop', 'ALL'],
    ...['--uid', sandboxUser, '--gid', sandboxUser, '--hostname', 'builder'],
    ...systemMounts(),
    ...['--proc', '/proc', '--dev', '/dev', '--size', String(sharedMemoryBytes), '--tmpfs', '/dev/shm'],
    ...['--dir', '/run', '--dir', '/root', '--dir', '/srv'],
    ...hiddenPlaces(places).flatMap(hide),
    ...(allowsNetwork ? nameServers() : []),
    ...['--bind', folder.temporaryDir, '/tmp', '--bind', folder.homeDir, sandboxHomeDir],
    ...['--bind', folder.buildDir, sandboxBuildDir],
    ...(isFolder('/var/tmp') ? ['--bind', folder.temporaryDir, '/var/tmp'] : []),
    // Last: one may lie in a folder that is the run's own, such as /tmp.
    ...places.readable.flatMap((path) => ['--ro-bind', path, path]),
    ...places.writable.flatMap((path) => ['--bind', path, path]),
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', sandboxBuildDir],
    '--',
  ]
}

/** The variables of the environment that name folders. */
export const sandboxFolders = { HOME: sandboxHomeDir, TMPDIR: '/tmp' }

function systemMounts(): string[] {
  return readdirSync('/', { withFileTypes: true }).flatMap((entry) => {
    const path = `/${entry.name}`
    if (notSystem.has(entry.name)) return []
    if (entry.isSymbolicLink()) return ['--symlink', readlinkSync(path), path]
    return entry.isDirectory() ? ['--ro-bind', path, path] : []
  })
}

/** The file may be a link to a file of a service below /run. */
function nameServers(): string[] {
  try {
    const path = realpathSync('/etc/resolv.conf')
    return path.startsWith('/run/') ? ['--ro-bind', path, path] : []
  } catch {
    return []
  }
}

/** What workers of this machine have is hidden from the scripts of each other, without what lies within another such place. */
function hiddenPlaces({ hidden }: SandboxPlaces): string[] {
  const all = [...new Set([...foldersOfWorkers, ...hidden])]
  return all.filter((path) => !all.some((other) => path.startsWith(`${other}/`)))
}

function hide(path: string): string[] {
  // What lies in no part of the system is not there in any case; /var/tmp is a folder of the run.
  if (path.startsWith('/var/tmp/') || notSystem.has(path.split('/')[1] ?? '')) return []
  if (isFolder(path)) return ['--tmpfs', path, '--remount-ro', path]
  return existsSync(path) ? ['--ro-bind', '/dev/null', path] : []
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
