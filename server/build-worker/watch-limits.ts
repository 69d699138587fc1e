import { setTimeout as sleep } from 'node:timers/promises'
import { formatByteSize } from '../byte-size.ts'
import type { ControlGroup } from './control-group.ts'
import { folderSize } from './folder-size.ts'
import { descendantsOf, memoryOf } from './process-usage.ts'
import type { EndReason, RunLimits } from './run-limits.ts'

/** How often it is looked what the processes use. */
const processesPauseMs = 200
/** How often it is looked what the files take: at most a tenth of the time goes into that. */
const diskPauseMs = 1_000

type Watched = {
  pid: number
  path: string
  limits: RunLimits
  group: ControlGroup | null
  onExceeded: (reason: EndReason) => void
}

/**
 * Watches over what the kernel does not limit by itself: the size of the folder, and without a control group the memory and the
 * number of processes. Ends when `signal` is aborted. Only Linux tells what processes use.
 */
export async function watchLimits(watched: Watched, signal: AbortSignal): Promise<void> {
  try {
    await Promise.all([watchProcesses(watched, signal), watchDisk(watched, signal)])
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function watchProcesses(
  { pid, limits, group, onExceeded }: Watched,
  signal: AbortSignal,
): Promise<void> {
  const memoryBytes = group?.limitsMemory ? null : limits.memoryBytes
  if (process.platform !== 'linux' || (memoryBytes === null && group?.limitsProcesses)) return
  for (;;) {
    await sleep(processesPauseMs, undefined, { signal })
    const pids = await (group ? group.processes() : descendantsOf(pid, limits.maxProcesses))
    if (pids.length > limits.maxProcesses)
      return onExceeded({ kind: 'processes', text: `more than ${limits.maxProcesses} processes` })
    if (memoryBytes !== null && (await memoryOf(pids, memoryBytes)) > memoryBytes)
      return onExceeded(memoryReason(memoryBytes))
  }
}

async function watchDisk(
  { path, limits: { diskBytes }, onExceeded }: Watched,
  signal: AbortSignal,
): Promise<void> {
  if (diskBytes === null) return
  for (let pauseMs = diskPauseMs; ;) {
    await sleep(pauseMs, undefined, { signal })
    const startedMs = performance.now()
    if ((await folderSize(path, diskBytes)) > diskBytes) return onExceeded(diskReason(diskBytes))
    pauseMs = Math.max(diskPauseMs, (performance.now() - startedMs) * 9)
  }
}

export const memoryReason = (bytes: number): EndReason => ({
  kind: 'memory',
  text: `more than ${formatByteSize(bytes)} of memory`,
})

export const diskReason = (bytes: number): EndReason => ({
  kind: 'disk',
  text: `more than ${formatByteSize(bytes)} of disk`,
})
