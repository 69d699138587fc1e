import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findControlGroups } from '../../../server/build-worker/control-group.ts'
import { openConsoleSpool, type ConsoleLine } from '../../../server/build-worker/console-spool.ts'
import { makeRunFolder, removeTree, type RunFolder } from '../../../server/build-worker/run-folder.ts'
import type { EndReason, RunLimits } from '../../../server/build-worker/run-limits.ts'
import { runScript, type ScriptEnd } from '../../../server/build-worker/run-script.ts'
import { findSandbox, type Sandbox } from '../../../server/build-worker/sandbox.ts'
import { temporaryDir } from '../../app.ts'

export const noLimits: RunLimits = {
  timeMs: 120_000,
  allowsNetwork: false,
  memoryBytes: null,
  diskBytes: null,
  cpus: null,
  maxProcesses: 10_000,
}

export const noPlaces = { hidden: [], readable: [], writable: [] }

/** The sandboxes of this machine, by name. */
export async function sandboxesHere(): Promise<[string, Sandbox][]> {
  const dir = mkdtempSync(join(tmpdir(), 'builder-hub-test-'))
  const found = await findSandbox('auto', noPlaces, dir)
  rmSync(dir, { recursive: true })
  const bare: Sandbox = { kind: 'none', why: 'a test wants none' }
  return [...(found.kind === 'none' ? [] : [[found.kind, found] as [string, Sandbox]]), ['none', bare]]
}

export type Ran = ScriptEnd & { lines: ConsoleLine[]; texts: string[]; folder: RunFolder }

export type RunOptions = {
  sandbox: Sandbox
  limits?: Partial<RunLimits>
  env?: Record<string, string>
  withGroups?: boolean
  cancel?: { afterLines: number; reason: EndReason }
  keep?: boolean
}

let runCount = 0

/** Runs a script to its end, with the lines that it printed. Its folder is removed when `use` is done. */
export async function run<Value>(
  script: string,
  { sandbox, limits, env = {}, withGroups = true, cancel }: RunOptions,
  use: (ran: Ran) => Promise<Value> | Value,
): Promise<Value> {
  const baseDir = join(temporaryDir(), 'runs')
  mkdirSync(baseDir)
  const uuid = `00000000-0000-4000-8000-${String(process.pid * 1000 + runCount++).padStart(12, '0')}`
  const folder = await makeRunFolder(baseDir, uuid, Buffer.from(script))
  const console = await openConsoleSpool(folder.consolePath)
  const stopping = new AbortController()
  if (cancel)
    void console
      .untilMore(cancel.afterLines - 1, new AbortController().signal)
      .then(() => stopping.abort(cancel.reason))
  const groups = withGroups ? await findControlGroups() : null
  const wanted = { uuid, folder, limits: { ...noLimits, ...limits }, sandbox, groups, env, console }
  try {
    const end = await runScript(wanted, stopping.signal)
    const lines = await console.read(0, Infinity)
    return await use({ ...end, lines, texts: lines.map(({ text }) => Buffer.from(text).toString()), folder })
  } finally {
    await console.close()
    await removeTree(folder.path)
  }
}

/** Whether a process with this text in its arguments is alive, anywhere on the machine. */
export function isRunning(mark: string): boolean {
  try {
    execFileSync('pgrep', ['-f', mark])
    return true
  } catch {
    return false
  }
}
