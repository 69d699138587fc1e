import { join } from 'node:path'
import { errorCode } from '../blobs/storage-full.ts'
import { findByNewestId } from '../list-by-id.ts'
import type { Reader } from '../database/reader.ts'
import type { HookRun } from '../generated/prisma/client.ts'
import type { HookRunId } from '../ids.ts'
import type { Page } from '../page.ts'
import { hookEvents, hookFolders, type HookEvent } from './hook-event.ts'
import type { HookRunState } from './hook-run.ts'
import { listHooks, type HookFile } from './installed-hooks.ts'

export type HookRunFilter = { state?: HookRunState | null; hook?: string | null; build?: string | null }

/** A page of runs, the newest first, and one more if it exists. */
export function findHookRuns(db: Reader, filter: HookRunFilter, page: Page<number>): Promise<HookRun[]> {
  return findByNewestId(page, ({ range, ...asked }) =>
    db.hookRun.findMany({
      ...asked,
      where: { ...conditionsOf(filter), id: range as { lt?: HookRunId; gt?: HookRunId } },
    }),
  )
}

export const countHookRuns = (db: Reader, filter: HookRunFilter): Promise<number> =>
  db.hookRun.count({ where: conditionsOf(filter) })

/** Each is found by an index. */
const conditionsOf = ({ build, hook, state }: HookRunFilter) => ({
  ...(state == null ? {} : { state }),
  ...(hook == null ? {} : { hook }),
  ...(build == null ? {} : { buildUuid: build }),
})

/** A hook, and its last run; null: it has not run. */
export type KnownHook = HookFile & { lastRun: HookRun | null }

/** A folder of hooks that cannot be read, so that none of them runs. `problem`: why, for people. */
export type UnreadFolder = { folder: string; problem: string }

type Folders = { hooks: HookFile[]; unread: UnreadFolder[] }

/** Every hook of the configuration directory, by event and name, and the folders that cannot be read. */
export async function readHookFolders(configDir: string): Promise<Folders> {
  const folders = await Promise.all(
    hookEvents.map(async (event): Promise<Folders> => {
      try {
        return { hooks: await listHooks(configDir, event), unread: [] }
      } catch (error) {
        if (errorCode(error) === undefined) throw error
        const { message: problem } = error as Error
        return { hooks: [], unread: [{ folder: join(configDir, hookFolders[event]), problem }] }
      }
    }),
  )
  return {
    hooks: folders.flatMap(({ hooks }) => hooks),
    unread: folders.flatMap(({ unread }) => unread),
  }
}

/** Every hook that can be read, by event and name. Two statements, none without hooks. */
export async function listKnownHooks(db: Reader, configDir: string): Promise<KnownHook[]> {
  const { hooks } = await readHookFolders(configDir)
  if (hooks.length === 0) return []
  const runs = await findLastRuns(db, hooks)
  return hooks.map((hook) => ({
    ...hook,
    lastRun: runs.find((run) => run.event === hook.event && run.hook === hook.name) ?? null,
  }))
}

/** The name of each hook is looked up by the index. */
async function findLastRuns(
  db: Reader,
  hooks: readonly { event: HookEvent; name: string }[],
): Promise<HookRun[]> {
  const newest = await db.hookRun.groupBy({
    by: ['hook', 'event'],
    where: { hook: { in: [...new Set(hooks.map(({ name }) => name))] } },
    _max: { id: true },
  })
  const ids = newest.flatMap(({ _max }) => (_max.id === null ? [] : [_max.id]))
  return db.hookRun.findMany({ where: { id: { in: ids } } })
}
