import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { hookFolders, type HookEvent } from '../../../server/hooks/hook-event.ts'
import type { TestApp } from '../../app.ts'

/** Installs hooks into the configuration directory of a site. */
export function hookSite(configDir: string) {
  const pathOf = (name: string, event: HookEvent = 'UPLOAD') => join(configDir, hookFolders[event], name)
  return {
    pathOf,
    install(name: string, script: string, { event = 'UPLOAD', mode = 0o755 }: InstallOptions = {}): void {
      mkdirSync(join(configDir, hookFolders[event]), { recursive: true })
      writeFileSync(pathOf(name, event), `#!/bin/sh\n${script}\n`)
      chmodSync(pathOf(name, event), mode)
    },
    remove(): void {
      rmSync(configDir, { recursive: true, force: true })
    },
    /** Lines that hooks have appended to a file of the configuration directory. */
    lines(file: string): string[] {
      try {
        return readFileSync(join(configDir, file), 'utf8').trimEnd().split('\n')
      } catch {
        return []
      }
    },
  }
}

type InstallOptions = { event?: HookEvent; mode?: number }

/** The runs of a site once all of them have ended, the oldest first. */
export async function endedRuns({ deps: { db } }: TestApp) {
  await expect
    .poll(() => db.hookRun.count({ where: { state: { in: ['PENDING', 'RUNNING'] } } }), { timeout: 60_000 })
    .toBe(0)
  return db.hookRun.findMany({ orderBy: { id: 'asc' } })
}
