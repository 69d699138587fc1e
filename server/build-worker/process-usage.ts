import { readdir, readFile } from 'node:fs/promises'
import { errorCode } from '../blobs/storage-full.ts'

/** Pages of Linux on the processors that Node.js runs on. */
const pageBytes = 4096

/**
 * A process and all that descend from it, as far as the kernel tells (Linux). In a PID namespace that is every process of it. It stops
 * looking when it has more than `most`: a script may make processes faster than they are found.
 */
export async function descendantsOf(pid: number, most: number): Promise<number[]> {
  const found = [pid]
  for (const one of found) {
    if (found.length > most) break
    const tasks = await orGone(readdir(`/proc/${one}/task`), [])
    for (const task of tasks) {
      const children = await orGone(readFile(`/proc/${one}/task/${task}/children`, 'utf8'), '')
      found.push(...children.split(' ').filter(Boolean).map(Number))
    }
  }
  return found
}

/**
 * Memory that the processes have for themselves. The quick sum counts pages once for each process that shares them, as after
 * fork(2). Only a sum above `limitBytes` is counted exactly, which takes the kernel longer.
 */
export async function memoryOf(pids: readonly number[], limitBytes: number): Promise<number> {
  const quick = await sumOf(pids, quickMemoryOf)
  return quick <= limitBytes ? quick : sumOf(pids, exactMemoryOf)
}

async function quickMemoryOf(pid: number): Promise<number> {
  const [, resident, shared] = (await orGone(readFile(`/proc/${pid}/statm`, 'utf8'), ''))
    .split(' ')
    .map(Number)
  return resident === undefined || shared === undefined ? 0 : (resident - shared) * pageBytes
}

/** Anonymous pages, each divided by the number of processes that share it. */
async function exactMemoryOf(pid: number): Promise<number> {
  const text = await orGone(readFile(`/proc/${pid}/smaps_rollup`, 'utf8'), '')
  return Number(/^Pss_Anon:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024
}

async function sumOf(pids: readonly number[], read: (pid: number) => Promise<number>): Promise<number> {
  let sum = 0
  for (const pid of pids) sum += await read(pid)
  return sum
}

/** What is read of a process may be gone, or belong to another user. */
async function orGone<Value>(reading: Promise<Value>, fallback: Value): Promise<Value> {
  try {
    return await reading
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errorCode(error) ?? '')) return fallback
    throw error
  }
}
