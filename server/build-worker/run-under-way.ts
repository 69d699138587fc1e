import type { ExecResult } from '../formats/exec-values.ts'
import type { ScriptJob } from '../formats/builder-commands.ts'
import type { Log } from '../log.ts'
import { sandboxBuildDir } from './bubblewrap.ts'
import { collectFiles, type CollectedFile } from './collect-files.ts'
import { type ConsoleSpool, openConsoleSpool } from './console-spool.ts'
import type { ControlGroups } from './control-group.ts'
import { makeRunFolder, removeTree, type RunFolder } from './run-folder.ts'
import type { EndReason, RunLimits } from './run-limits.ts'
import { runScript } from './run-script.ts'
import type { Sandbox } from './sandbox.ts'

/** What every run of a worker is made with. */
export type RunSite = {
  baseDir: string
  sandbox: Sandbox
  groups: ControlGroups | null
  env: Readonly<Record<string, string>>
  log: Log
}

export type AssignedRun = { uuid: string; job: ScriptJob; limits: RunLimits }

/** How a run has ended, with its files, which are there until it is disposed of. `detail`: why it was killed; null: it was not. */
export type RunEnd = { result: ExecResult; detail: string | null; files: readonly CollectedFile[] }

/** A run of this worker. It goes on whatever happens to the connection. */
export type RunUnderWay = {
  uuid: string
  console: ConsoleSpool
  /** Never rejects: what the worker cannot do is a result. */
  ended: Promise<RunEnd>
  stop: (reason: string) => void
  /** Removes the folder, once the run has ended. */
  dispose: () => Promise<void>
}

/** So many files that are left out are named in the console. */
const maxNotes = 20

/** Starts the script of a run. Throws the error of the system if its folder cannot be made. */
export async function startRun(site: RunSite, assigned: AssignedRun): Promise<RunUnderWay> {
  const { uuid, job } = assigned
  const log = site.log.child({ uuid, job: job.name })
  const folder = await makeRunFolder(site.baseDir, uuid, job.script)
  const console = await openConsoleSpool(folder.consolePath)
  const stopping = new AbortController()
  log.info({ limits: assigned.limits }, 'a run starts')
  const ended = runToEnd({ ...site, log }, assigned, folder, console, stopping.signal)
  return {
    uuid,
    console,
    ended,
    stop(reason) {
      stopping.abort({ kind: 'cancelled', text: reason } satisfies EndReason)
      console.abandon()
    },
    async dispose() {
      await ended
      await console.close()
      await removeTree(folder.path)
    },
  }
}

async function runToEnd(
  { sandbox, groups, env, log }: RunSite,
  { uuid, limits }: AssignedRun,
  folder: RunFolder,
  console: ConsoleSpool,
  signal: AbortSignal,
): Promise<RunEnd> {
  const startedAt = process.hrtime.bigint()
  try {
    const end = await runScript({ uuid, folder, limits, sandbox, groups, env, console }, signal)
    // builder's worker sends no files after a signal or an error, either.
    if (end.result.kind !== 'exited') return { ...end, files: [] }
    const seenAs = sandbox.kind === 'none' ? folder.buildDir : sandboxBuildDir
    const { files, leftOut } = await collectFiles(folder.buildDir, seenAs)
    const deltaNs = process.hrtime.bigint() - startedAt
    await console.append(
      notesOn(leftOut).map((text) => ({ deltaNs, text: Buffer.from(`hub worker: ${text}`) })),
    )
    return { ...end, files }
  } catch (error) {
    log.error({ err: error }, 'a run has failed in the worker')
    const message = `the worker cannot run it: ${error instanceof Error ? error.message : 'unknown error'}`
    return { result: { kind: 'aborted', message: Buffer.from(message) }, detail: message, files: [] }
  } finally {
    console.end()
  }
}

function notesOn(leftOut: readonly string[]): string[] {
  const more = leftOut.length - maxNotes
  return [...leftOut.slice(0, maxNotes), ...(more > 0 ? [`${more} more files are left out`] : [])]
}
