import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../blobs/storage-full.ts'
import type { Deps } from '../deps.ts'
import { hookFolders, type HookEvent } from './hook-event.ts'

/** A file of a folder of hooks. Only what is executable runs. `mode` is as stat(2) has it. */
export type HookFile = { event: HookEvent; name: string; path: string; isExecutable: boolean; mode: number }

export type InstalledHooks = {
  /** The names of the hooks that run at this event, in their order. */
  of: (event: HookEvent) => Promise<string[]>
}

/** For imports, which are no events. */
export const noHooks: InstalledHooks = { of: () => Promise.resolve([]) }

/** A folder that was changed this shortly before it was listed may change again without another time of change. */
const racyMs = 2_000

type Listing = { state: string; names: string[]; isSettled: boolean }

/**
 * The hooks of the configuration directory, as they are at each call. A folder is listed again only after a change, so that a
 * call costs one stat(2), and one for each hook. A folder that is missing has none; one that cannot be read is logged, and
 * stops no upload. So is a hook that cannot be read, and it stops no other hook.
 */
export function installedHooks({
  config: { configDir },
  log,
}: Pick<Deps, 'log'> & { config: Pick<Deps['config'], 'configDir'> }): InstalledHooks {
  const known = new Map<HookEvent, Listing>()

  async function namesOf(event: HookEvent): Promise<string[]> {
    const folder = join(configDir, hookFolders[event])
    const now = Date.now()
    const found = await statOrNull(folder)
    if (!found) return []
    const state = `${found.ino} ${found.mtimeMs} ${found.ctimeMs}`
    const listing = known.get(event)
    if (listing?.state === state && listing.isSettled) return listing.names
    const names = await listHookNames(folder)
    known.set(event, { state, names, isSettled: found.ctimeMs < now - racyMs })
    return names
  }

  async function isRunnable(event: HookEvent, name: string): Promise<boolean> {
    try {
      return (await readHook(configDir, event, name))?.isExecutable === true
    } catch (error) {
      log.error(
        { err: error, hook: join(configDir, hookFolders[event], name) },
        'a hook cannot be read, so it does not run',
      )
      return false
    }
  }

  return {
    async of(event) {
      try {
        const names = await namesOf(event)
        const areRunnable = await Promise.all(names.map((name) => isRunnable(event, name)))
        return names.filter((_name, i) => areRunnable[i])
      } catch (error) {
        log.error(
          { err: error, folder: join(configDir, hookFolders[event]) },
          'hooks cannot be read, so none run',
        )
        return []
      }
    },
  }
}

/** Every hook of an event, also those that do not run because they are not executable. */
export async function listHooks(configDir: string, event: HookEvent): Promise<HookFile[]> {
  const names = await listHookNames(join(configDir, hookFolders[event]))
  const hooks = await Promise.all(names.map((name) => readHook(configDir, event, name)))
  return hooks.filter((hook) => hook !== null)
}

/** One hook by the name of its file; null: there is no such regular file. A link leads to it. */
export async function readHook(configDir: string, event: HookEvent, name: string): Promise<HookFile | null> {
  const path = join(configDir, hookFolders[event], name)
  const found = isHookName(name) ? await statOrNull(path) : null
  if (!found?.isFile()) return null
  return { event, name, path, isExecutable: (found.mode & 0o111) !== 0, mode: found.mode }
}

const isHookName = (name: string) => name.endsWith('.sh') && !/[/\0]/.test(name)

async function listHookNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(isHookName).toSorted()
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

async function statOrNull(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    if (isAbsent(error)) return null
    throw error
  }
}

/** ELOOP: a link that leads to itself. */
const isAbsent = (error: unknown) => ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '')
