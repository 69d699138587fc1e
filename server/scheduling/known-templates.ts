import { statSync } from 'node:fs'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../clock.ts'
import type { Deps } from '../deps.ts'
import { readTemplates, type PlatformTemplates } from './script-of.ts'
import { templateKinds, templatePrefix } from './templates.ts'

type Known = { lookedAt: number; stamp: string; templates: PlatformTemplates }

/** A file may be changed at any time: it is looked at again after this time. */
const lookEveryMs = 1_000
/** Peers choose the names of platforms. */
const maxPlatforms = 1_000

/**
 * The templates of platforms, as they were read last. Workers wait for them: as long as no file has changed, nothing is read, and
 * nobody waits for a disk that is busy with builds. `forget` is for changes of the database.
 */
export function knownTemplates(
  deps: Pick<Deps, 'config' | 'db'> & { clock: Clock },
  siteUrl: () => string,
): { of: (platform: string) => Promise<PlatformTemplates>; forget: () => void } {
  const { clock, config } = deps
  const known = new LRUCache<string, Known>({ max: maxPlatforms })

  const stampOf = (platform: string) =>
    templateKinds
      .map((kind) => fileStamp(join(config.configDir, `${templatePrefix[kind]}${platform}`)))
      .join()

  return {
    async of(platform) {
      const found = known.get(platform)
      const lookedAt = clock.elapsedMs()
      if (found && lookedAt - found.lookedAt < lookEveryMs) return found.templates
      const stamp = stampOf(platform)
      if (found?.stamp === stamp) {
        found.lookedAt = lookedAt
        return found.templates
      }
      const templates = await readTemplates(deps, platform, siteUrl())
      known.set(platform, { lookedAt, stamp, templates })
      return templates
    },

    forget: () => known.clear(),
  }
}

/** Tells whether a file is another one than before; empty where none can be. */
function fileStamp(path: string): string {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats ? `${stats.ino} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.size}` : ''
  } catch {
    // Reading it tells why.
    return ''
  }
}
