import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { toBlobId } from '../blobs/blob-store.ts'
import type { Config } from '../config.ts'
import type { Reader } from '../database/reader.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import type { HookRun } from '../generated/prisma/client.ts'
import type { Log } from '../log.ts'
import { outcomeOf } from '../policy/outcome-of.ts'
import { hookArguments, type HookedBuild } from './hook-arguments.ts'
import { toHookEvent } from './hook-event.ts'
import { readHook } from './installed-hooks.ts'
import { runProgram, type ProgramEnd } from './run-program.ts'

/** Time between SIGTERM and SIGKILL: less than the server has to stop its tasks. */
const graceMs = 3_000
/** More than this of the output is shortened: what a page shows at once. */
const maxOutputBytes = 256 * 1024

/** There is nothing to run any more. */
export class HookSkippedError extends DomainError {
  override readonly name = 'HookSkippedError'
}

type AttemptDeps = Pick<Deps, 'blobs' | 'clock' | 'config' | 'copies' | 'db' | 'log'>

/** Runs a hook once, in a working directory of its own. Throws HookSkippedError, and what hinders it. */
export async function attemptHook(deps: AttemptDeps, run: HookRun, signal: AbortSignal): Promise<ProgramEnd> {
  const { blobs, clock, config, copies, db, log } = deps
  const event = toHookEvent(run.event)
  const hook = await readHook(config.configDir, event, run.hook)
  if (!hook?.isExecutable) throw new HookSkippedError(`${run.hook} is no longer installed, or not executable`)
  const build = await findHookedBuild(db, run.buildUuid)
  if (!build) throw new HookSkippedError('the build was removed')
  const trust = await outcomeOf(deps, build)
  const runWith = (file: string | null) =>
    inFolder(config, log, (folder) => {
      const paths = { dataDir: config.dataDir, cacheDir: config.hookCacheDir, file }
      const program = {
        file: hook.path,
        args: hookArguments({ ...run, event, trust }, build, paths),
        env: environmentOf(run, folder),
        ...{ folder, graceMs, maxOutputBytes, timeoutMs: config.hookTimeoutSeconds * 1_000 },
      }
      return runProgram(program, clock, signal)
    })
  return build.mainBinarySha256 === null || event === 'FAILURE'
    ? runWith(null)
    : copies.withFile(blobs, toBlobId(build.mainBinarySha256), runWith)
}

async function findHookedBuild(db: Reader, uuid: string): Promise<HookedBuild | null> {
  const row = await db.build.findUnique({
    where: { uuid },
    select: {
      ...{ uuid: true, startedAt: true, mainBinarySha256: true, mainBinaryPath: true },
      ...{ resultKind: true, resultCode: true },
      ...{ job: { select: { name: true } }, platform: { select: { name: true } } },
    },
  })
  return row && { ...row, job: row.job.name, platform: row.platform.name }
}

/** Nothing of the environment of the server, which may have secrets. */
function environmentOf({ eventId, isTest }: HookRun, folder: string): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: homeFolder(),
    LANG: 'C.UTF-8',
    TMPDIR: folder,
    BUILDER_HUB_EVENT_ID: eventId,
    ...(isTest ? { BUILDER_HUB_TEST: '1' } : {}),
  }
}

/** Of the user of the server. In a container, the user may have no name. */
function homeFolder(): string {
  try {
    return userInfo().homedir
  } catch {
    return '/'
  }
}

/** The folder is there as long as `use` takes. */
async function inFolder<Value>(
  { hookCacheDir, hookScratchDir }: Config,
  log: Log,
  use: (folder: string) => Promise<Value>,
): Promise<Value> {
  await mkdir(hookCacheDir, { recursive: true })
  await mkdir(hookScratchDir, { recursive: true })
  const folder = await mkdtemp(join(hookScratchDir, 'run-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true }).catch((error: unknown) =>
      log.warn({ err: error, folder }, 'the working directory of a hook is not removed'),
    )
  }
}
