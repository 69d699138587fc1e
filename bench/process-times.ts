import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts processor time in these for every machine. */
const tickMs = 10

/** Processor time of a process until now, all of its threads, in steps of 10 ms. NaN when it has ended. */
export function cpuMs(pid: number): number {
  // Fields 14 and 15 count ticks in user mode and in the kernel; the name, in parentheses, is the second field.
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/**
 * How long the main thread of a process has run, and how long it was ready to run while others had all cores.
 * Source: Linux, Documentation/scheduler/sched-stats.rst, "/proc/<pid>/schedstat".
 */
export function mainThreadMs(pid: number): { ranMs: number; waitedMs: number } {
  const [ran, waited] = read(`/proc/${pid}/task/${pid}/schedstat`).split(' ')
  return { ranMs: Number(ran ?? NaN) / 1e6, waitedMs: Number(waited ?? NaN) / 1e6 }
}

/** Processor time of the processes that a process has started and that still run. */
export function childrenCpuMs(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + (cpuMs(child) || 0), 0)
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).split(' '))
    .filter((child) => child !== '')
    .map(Number)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
