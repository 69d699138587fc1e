import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder with package.json: sources and bundles lie at different depths below it. */
export function findProjectDir(from: string = import.meta.dirname): string {
  if (existsSync(join(from, 'package.json'))) return from
  const parent = dirname(from)
  if (parent === from)
    throw new Error('package.json not found above the server: the installation is incomplete')
  return findProjectDir(parent)
}
