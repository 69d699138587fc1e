import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { errorCode } from '../blobs/storage-full.ts'
import { ocamlSignal } from '../builds/signal-name.ts'
import type { ExecResult } from '../formats/exec-values.ts'
import type { ConsoleLine, ConsoleSpool } from './console-spool.ts'
import type { ControlGroup, ControlGroups } from './control-group.ts'
import { lineSplitter } from './line-splitter.ts'
import { openOutputPipe } from './output-pipe.ts'
import { type EndReason, type RunLimits } from './run-limits.ts'
import type { RunFolder } from './run-folder.ts'
import type { Sandbox } from './sandbox.ts'
import { scriptCommand } from './script-command.ts'
import { diskReason, memoryReason, watchLimits } from './watch-limits.ts'

/** How a script ended. `result` is what builder's worker would report; `detail` says why it was killed; null: it was not. */
export type ScriptEnd = { result: ExecResult; detail: string | null }

export type ScriptRun = {
  uuid: string
  folder: RunFolder
  limits: RunLimits
  sandbox: Sandbox
  groups: ControlGroups | null
  /** Variables of the worker's environment that the script has, too. */
  env: Readonly<Record<string, string>>
  console: ConsoleSpool
}

/** What timeout(1) exits with, by which builder's worker ends a script. */
const timeoutStatus = 124n
/** setTimeout() takes no more: 24 days. */
const maxTimerMs = 2 ** 31 - 1
/** A process outside of the sandbox and of the group may keep the output open: it is waited for no longer than this. */
const outputMs = 1_000

/**
 * Runs a script to its end, to one of its limits, or until `signal` is aborted with an EndReason. Its output is in `console`. No process of it is left: in the sandbox, or with a control group, however it hid; else those of its process
 * group. Throws what spawn(2) throws.
 */
export async function runScript(run: ScriptRun, signal: AbortSignal): Promise<ScriptEnd> {
  const group = (await run.groups?.make(run.uuid, run.limits)) ?? null
  try {
    return await runInGroup(run, group, signal)
  } finally {
    await group?.remove()
  }
}

async function runInGroup(
  run: ScriptRun,
  group: ControlGroup | null,
  signal: AbortSignal,
): Promise<ScriptEnd> {
  const { file, args, env } = scriptCommand({ ...run, group }, run.env)
  const pipe = await openOutputPipe(`${run.folder.path}/output`)
  // What Node.js opens is closed in the child: the connection to the server is no descriptor of the script.
  const child = spawn(file, args, {
    cwd: run.folder.buildDir,
    ...{ env, detached: true, stdio: ['ignore', pipe.writableFd, 'pipe', 'pipe'] },
  })
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  exited.catch(() => undefined)
  closeSync(pipe.writableFd)
  const { pid } = child
  if (pid === undefined) {
    pipe.readable.destroy()
    return exited.then(() => Promise.reject(new Error(`${file} cannot be started`)))
  }

  let reason: EndReason | null = null
  const endAll = (why: EndReason) => {
    reason ??= why
    void killAll(pid, group)
  }
  const watching = new AbortController()
  const { timeMs } = run.limits
  const timer = setTimeout(
    () => endAll({ kind: 'time', text: `the time limit of ${timeMs / 1000} seconds` }),
    Math.min(timeMs, maxTimerMs),
  )
  const onAbort = () => endAll(signal.reason as EndReason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort)
  const reading = { isIdle: true, lastMs: 0 }
  const output = writeOutput(pipe.readable, run.console, reading)
  const words = readWords(child.stderr as Readable)
  // Such as a full disk. Awaited below.
  output.catch((error: unknown) =>
    endAll({
      kind: 'disk',
      text: `the console cannot be written: ${error instanceof Error ? error.message : ''}`,
    }),
  )
  words.catch(() => undefined)
  const watched = watchLimits(
    { pid, path: run.folder.path, limits: run.limits, group, onExceeded: endAll },
    watching.signal,
  )
  try {
    const [status, killedBy] = await Promise.race([exited, watched.then(() => exited)])
    clearTimeout(timer)
    await killAll(pid, group)
    const closer = closeWhenIdle(pipe.readable, reading)
    await output.catch(() => undefined)
    clearInterval(closer)
    const hasExceededMemory = (await group?.hasExceededMemory()) ?? false
    return endOf({ status, killedBy, words: await words, reason, hasExceededMemory, limits: run.limits })
  } finally {
    clearTimeout(timer)
    watching.abort()
    signal.removeEventListener('abort', onAbort)
    await killAll(pid, group)
    for (const stream of [pipe.readable, ...child.stdio]) stream?.destroy()
  }
}

/** Whether the console waits for output, and when it has got the last. */
type Reading = { isIdle: boolean; lastMs: number }

/** Writes lines with the time at which they were read. The script waits while its lines are being written. */
async function writeOutput(stdout: Readable, console: ConsoleSpool, reading: Reading): Promise<void> {
  const startedAt = process.hrtime.bigint()
  const splitter = lineSplitter()
  const timed = (texts: Uint8Array[]): ConsoleLine[] => {
    const deltaNs = process.hrtime.bigint() - startedAt
    return texts.map((text) => ({ deltaNs, text }))
  }
  try {
    for await (const chunk of stdout as AsyncIterable<Buffer>) {
      reading.isIdle = false
      await console.append(timed(splitter.push(chunk)))
      Object.assign(reading, { isIdle: true, lastMs: performance.now() } satisfies Reading)
    }
  } catch (error) {
    // The stream was destroyed, because something outside of the sandbox and of the group keeps it open.
    if (errorCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
  const rest = splitter.end()
  if (rest) await console.append(timed([rest]))
}

async function readWords(stderr: Readable): Promise<string> {
  let text = ''
  try {
    for await (const chunk of stderr as AsyncIterable<Buffer>)
      if (text.length < 10_000) text += chunk.toString()
  } catch (error) {
    if (errorCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
  return text
}

/** Gives up output that nothing comes from any more after the script, but which somebody keeps open. */
function closeWhenIdle(stream: Readable, reading: Reading): NodeJS.Timeout {
  const endedMs = performance.now()
  return setInterval(() => {
    const quietMs = performance.now() - Math.max(endedMs, reading.lastMs)
    if (reading.isIdle && quietMs > outputMs) stream.destroy()
  }, outputMs / 10)
}

async function killAll(pid: number, group: ControlGroup | null): Promise<void> {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // EPERM: what is left belongs to another user, such as what sudo(8) has started.
    if (!['ESRCH', 'EPERM'].includes(errorCode(error) ?? '')) throw error
  }
  await group?.killAll()
}

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

type Ended = {
  status: number | null
  killedBy: NodeJS.Signals | null
  words: string
  reason: EndReason | null
  hasExceededMemory: boolean
  limits: RunLimits
}

function endOf({ status, killedBy, words, reason, hasExceededMemory, limits }: Ended): ScriptEnd {
  const [first, ...rest] = words.trimEnd().split('\n')
  const { memoryBytes, diskBytes } = limits
  if (reason?.kind === 'time') return { result: exited(timeoutStatus), detail: `killed: ${reason.text}` }
  const why = reason ?? (hasExceededMemory && memoryBytes !== null ? memoryReason(memoryBytes) : null)
  if (why?.kind === 'cancelled') return { result: aborted(why.text), detail: why.text }
  if (why) return { result: exited(128n + 9n), detail: `killed: ${why.text}` }
  if (first !== 'started')
    return { result: aborted(`the script cannot be started: ${words.trim()}`), detail: null }

  // A shell that a signal has killed could not write that it ended; the sandbox reports that as a status.
  const code = status ?? 0
  const name = killedBy ?? signalNames.get(code - 128)
  if (rest.at(-1) !== 'ended' && name !== undefined)
    return { result: { kind: 'signalled', signal: ocamlSignal(name) }, detail: `killed by ${name}` }
  const isKilled = rest.length > 1 && name !== undefined
  if (isKilled && name === 'SIGXFSZ' && diskBytes !== null)
    return { result: exited(BigInt(code)), detail: `killed: ${diskReason(diskBytes).text}` }
  return { result: exited(BigInt(code)), detail: isKilled ? `killed by ${name}` : null }
}

const exited = (code: bigint): ExecResult => ({ kind: 'exited', code })
const aborted = (message: string): ExecResult => ({ kind: 'aborted', message: Buffer.from(message) })
