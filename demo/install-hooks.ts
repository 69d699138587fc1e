import { cpSync } from 'node:fs'
import { join } from 'node:path'

/** Hooks run for so many builds of the demo, the last ones. */
export const hookedBuilds = 24

/** Installs a hook that works, and one that fails. They run from the next upload on. */
export function installHooks(configDir: string, projectDir: string): void {
  cpSync(join(projectDir, 'demo/hooks'), join(configDir, 'upload-hooks'), { recursive: true })
}
