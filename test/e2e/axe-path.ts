import { copyFileSync, cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { findProjectDir } from '../../server/project-dir.ts'

/** Where the sites of the browser tests serve axe: below what a browser may keep for ever. */
export const axePath = '/assets/axe.min.js'

/** The project as it is built, in `dir`; its web application has axe beside its scripts: the tests put it into pages. */
export function projectWithAxe(dir: string): string {
  const projectDir = findProjectDir()
  const copy = join(dir, 'project')
  cpSync(join(projectDir, 'web/dist'), join(copy, 'web/dist'), { recursive: true })
  copyFileSync(join(projectDir, 'node_modules/axe-core/axe.min.js'), join(copy, 'web/dist', axePath))
  mkdirSync(join(copy, 'dist'))
  for (const kept of ['prisma', 'web/gql', 'dist/pages'])
    symlinkSync(join(projectDir, kept), join(copy, kept))
  return copy
}
