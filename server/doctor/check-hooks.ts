import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../blobs/storage-full.ts'
import type { Config } from '../config.ts'
import { counted } from '../counted.ts'
import type { Reader } from '../database/reader.ts'
import { hookEvents, hookFolders } from '../hooks/hook-event.ts'
import { listHooks } from '../hooks/installed-hooks.ts'
import { ok, problem, warning, type Finding } from './check.ts'

/** Of this time, failures of hooks are worth a look. */
const recentMs = 7 * 24 * 3_600_000

/** Whether the hooks can run, nobody else can change them, and they do not fail. */
export async function checkHooks(db: Reader, config: Config, now: Date): Promise<Finding[]> {
  return [...(await checkHookFiles(config)), ...(await checkHookRuns(db, now))]
}

/** Without hooks there is nothing to say. */
export async function checkHookFiles({ configDir }: Pick<Config, 'configDir'>): Promise<Finding[]> {
  const found: Finding[] = []
  let count = 0
  for (const event of hookEvents) {
    const folder = join(configDir, hookFolders[event])
    try {
      const hooks = await listHooks(configDir, event)
      count += hooks.length
      if (hooks.length > 0 && isForOthers((await stat(folder)).mode))
        found.push(problem(`every user can add hooks to ${folder}, which the server runs: chmod o-w it`))
      for (const { isExecutable, mode, path } of hooks) {
        if (isForOthers(mode))
          found.push(problem(`every user can change ${path}, which the server runs: chmod o-w it`))
        if (!isExecutable)
          found.push(
            warning(`the hook ${path} is not executable, so it does not run: chmod it to 755, or remove it`),
          )
      }
    } catch (error) {
      if (errorCode(error) === undefined) throw error
      found.push(problem(`the hooks in ${folder} cannot be read: ${(error as Error).message}`))
    }
  }
  return found.length > 0 || count === 0 ? found : [ok(`${counted(count, 'hook')} in ${configDir} can run`)]
}

const isForOthers = (mode: number) => (mode & 0o002) !== 0

/** Hooks whose last run failed, within the last week. */
export async function checkHookRuns(db: Reader, now: Date): Promise<Finding[]> {
  const failed = await db.hookRun.groupBy({
    by: ['hook'],
    where: { state: 'FAILED', finishedAt: { gt: new Date(now.getTime() - recentMs) } },
    _count: true,
    _max: { id: true },
    orderBy: { hook: 'asc' },
  })
  return failed.map(({ hook, _count, _max }) =>
    warning(
      `the hook ${hook} failed ${counted(_count, 'time')} within a week: "hub hooks show ${_max.id}" says why it did last`,
    ),
  )
}
