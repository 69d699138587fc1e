import { existsSync } from 'node:fs'
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../blobs/storage-full.ts'
import type { RunLimits } from './run-limits.ts'

/**
 * A control group of a run (cgroup v2): no process leaves it, also not by setsid(2), and all of them are killed by one write.
 * Source: the kernel's Documentation/admin-guide/cgroup-v2.rst.
 */
export type ControlGroup = {
  /** A shell writes its id here and is in the group from then on. */
  procsPath: string
  limitsMemory: boolean
  limitsProcesses: boolean
  limitsCpus: boolean
  processes: () => Promise<number[]>
  /** Whether the kernel has killed a process because the group used too much memory. */
  hasExceededMemory: () => Promise<boolean>
  killAll: () => Promise<void>
  remove: () => Promise<void>
}

export type ControlGroups = {
  /** Names of the controllers that can limit something: memory, pids, cpu. */
  controllers: readonly string[]
  make: (name: string, limits: RunLimits) => Promise<ControlGroup>
  /** Kills what is left in the group of a run of an earlier worker, and removes it. */
  removeOld: (name: string) => Promise<void>
}

const prefix = 'builder-hub-run-'

/** The groups below that of this process; null: this process may make none, or the system has no cgroup v2. */
export async function findControlGroups(): Promise<ControlGroups | null> {
  const root = await findOwnGroup()
  if (root === null) return null
  try {
    // Only a process that may make groups knows by making one.
    const probe = join(root, `${prefix}probe-${process.pid}`)
    await mkdir(probe)
    const canKill = existsSync(join(probe, 'cgroup.kill'))
    await rmdir(probe)
    if (!canKill) return null
    const controllers = await enableControllers(root)
    const pathOf = (name: string) => join(root, `${prefix}${name}`)
    return {
      controllers,
      make: (name, limits) => makeGroup(pathOf(name), limits, controllers),
      async removeOld(name) {
        if (existsSync(pathOf(name))) await removeGroup(pathOf(name))
      },
    }
  } catch (error) {
    if (
      ['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'ENOENT', 'ENOTSUP', 'EOPNOTSUPP'].includes(
        errorCode(error) ?? '',
      )
    )
      return null
    throw error
  }
}

async function findOwnGroup(): Promise<string | null> {
  let own: string
  try {
    own = /^0::(\/.*)$/m.exec(await readFile('/proc/self/cgroup', 'utf8'))?.[1] ?? ''
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
  if (own === '') return null
  const mounts = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']
  const mount = mounts.find((path) => existsSync(join(path, 'cgroup.controllers')))
  return mount === undefined ? null : join(mount, own)
}

/**
 * Turns on the controllers that groups below `root` can have. A group with processes in it gives none to the groups below it, so
 * that this process goes to a group beside those of the runs.
 */
async function enableControllers(root: string): Promise<string[]> {
  const offered = (await readFile(join(root, 'cgroup.controllers'), 'utf8')).trim().split(' ')
  const wanted = ['memory', 'pids', 'cpu'].filter((name) => offered.includes(name))
  if (wanted.length === 0) return []
  const ownGroup = join(root, 'builder-hub-worker')
  await mkdir(ownGroup, { recursive: true })
  await writeFile(join(ownGroup, 'cgroup.procs'), String(process.pid))
  const enabled = []
  for (const name of wanted)
    if (await tryWrite(join(root, 'cgroup.subtree_control'), `+${name}`)) enabled.push(name)
  return enabled
}

async function makeGroup(
  path: string,
  limits: RunLimits,
  controllers: readonly string[],
): Promise<ControlGroup> {
  if (existsSync(path)) await removeGroup(path)
  await mkdir(path)
  const set = async (controller: string, file: string, value: string | null) =>
    value === null || (controllers.includes(controller) && (await tryWrite(join(path, file), value)))
  const { cpus, maxProcesses, memoryBytes } = limits
  const limitsMemory = await set('memory', 'memory.max', memoryBytes === null ? null : String(memoryBytes))
  // Otherwise what exceeds the limit is swapped out.
  await set('memory', 'memory.swap.max', memoryBytes === null ? null : '0')
  await set('memory', 'memory.oom.group', memoryBytes === null ? null : '1')
  return {
    procsPath: join(path, 'cgroup.procs'),
    limitsMemory,
    limitsProcesses: await set('pids', 'pids.max', String(maxProcesses)),
    limitsCpus: await set('cpu', 'cpu.max', cpus === null ? null : `${Math.ceil(cpus * 100_000)} 100000`),
    processes: () => processesIn(path),
    async hasExceededMemory() {
      if (!controllers.includes('memory')) return false
      return /^oom_kill [1-9]/m.test(await readFile(join(path, 'memory.events'), 'utf8'))
    },
    killAll: () => writeFile(join(path, 'cgroup.kill'), '1'),
    remove: () => removeGroup(path),
  }
}

async function processesIn(path: string): Promise<number[]> {
  const text = await readFile(join(path, 'cgroup.procs'), 'utf8')
  return text.split('\n').filter(Boolean).map(Number)
}

/** Kills the processes of a group, waits until they are gone, and removes the group. */
async function removeGroup(path: string): Promise<void> {
  await writeFile(join(path, 'cgroup.kill'), '1')
  for (;;) {
    try {
      return await rmdir(path)
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return
      // Killed processes are in the group until the kernel has cleared them away.
      if (errorCode(error) !== 'EBUSY') throw error
      await sleep(5)
    }
  }
}

/** Whether the kernel has taken the value: it refuses controllers that are used elsewhere. */
async function tryWrite(path: string, value: string): Promise<boolean> {
  try {
    await writeFile(path, value)
    return true
  } catch {
    return false
  }
}
