import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Clock } from '../clock.ts'
import { errorCode } from '../blobs/storage-full.ts'
import { keptOutput, type KeptOutput } from './kept-output.ts'

/** How a program ended, and what it printed. `signal`: it was killed. `isLate`: because its time was over. */
export type ProgramEnd = {
  exitStatus: number | null
  signal: NodeJS.Signals | null
  isLate: boolean
  output: KeptOutput
}

export type Program = {
  file: string
  args: readonly string[]
  /** The whole environment. */
  env: Readonly<Record<string, string>>
  folder: string
  timeoutMs: number
  /** Time between SIGTERM and SIGKILL. */
  graceMs: number
  maxOutputBytes: number
}

/** How often it is looked whether processes of a group are left. */
const pollMs = 20
/** A process that left the group may keep the output open: it is waited for no longer than this. */
const outputMs = 500

/**
 * Files are published that others have to read, so umask(2) is the usual one, not that of the server. `nice` lets the server go
 * first. Both outputs are one, so that lines are in their order.
 */
const wrapper = 'umask 022 && exec nice -n 10 "$0" "$@" 2>&1'

/**
 * Runs a program in a process group of its own, to its end or to its time limit, or until `signal` is aborted. Then the whole group
 * gets SIGTERM and after `graceMs` SIGKILL, so that no process of it is left. What has left the group, as by setsid(2), is out of
 * reach. Throws what spawn(2) throws, and the reason of `signal`.
 */
export async function runProgram(program: Program, clock: Clock, signal: AbortSignal): Promise<ProgramEnd> {
  signal.throwIfAborted()
  const { args, env, file, folder, graceMs, maxOutputBytes, timeoutMs } = program
  const child = spawn('/bin/sh', ['-c', wrapper, file, ...args], {
    ...{ cwd: folder, env, detached: true },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const output = keptOutput(maxOutputBytes)
  child.stdout.on('data', (chunk: Buffer) => output.add(chunk))
  const drained = new Promise<void>((resolve) => child.stdout.once('close', resolve))
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const { pid } = child
  // The error of spawn(2) is the reason.
  if (pid === undefined) return exited.then(() => Promise.reject(new Error(`${file} cannot be started`)))

  let isLate = false
  let ending: Promise<void> | null = null
  const endGroup = () => (ending ??= killGroup(pid, graceMs, clock))
  const stopTimer = clock.after(timeoutMs, () => {
    isLate = true
    void endGroup()
  })
  const onAbort = () => void endGroup()
  signal.addEventListener('abort', onAbort)
  try {
    const [exitStatus, killedBy] = await exited
    stopTimer()
    await endGroup()
    await Promise.race([drained, new Promise<void>((resolve) => clock.after(outputMs, resolve))])
    signal.throwIfAborted()
    return { exitStatus, signal: killedBy, isLate, output: output.end() }
  } finally {
    stopTimer()
    signal.removeEventListener('abort', onAbort)
    child.stdout.destroy()
  }
}

/** Ends all processes of a group, if there are any. */
async function killGroup(pid: number, graceMs: number, clock: Clock): Promise<void> {
  const endsAt = clock.elapsedMs() + graceMs
  let isLeft = signalGroup(pid, 'SIGTERM')
  while (isLeft && clock.elapsedMs() < endsAt) {
    await new Promise<void>((resolve) => clock.after(pollMs, resolve))
    isLeft = signalGroup(pid, 0)
  }
  if (isLeft) signalGroup(pid, 'SIGKILL')
}

/** Whether the group has processes that get the signal. 0: none is sent. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal)
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false
    // A process of another user is left, such as one that sudo(8) has started.
    if (errorCode(error) === 'EPERM') return false
    throw error
  }
}
