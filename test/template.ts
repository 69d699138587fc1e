import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProjectDir } from '../server/project-dir.ts'

/** The user of every test app, who may upload every job. */
export const alice = { name: 'alice', password: 'secret' }

export const templateFile = join(findProjectDir(), 'dist/test/template.sqlite3')

/** The database with the same content on the PostgreSQL server of a run of tests. */
export const templateDatabase = 'template_hub'

/** A database of the newest schema whose only content is alice. */
export function copyTemplate(databaseFile: string): void {
  copyFileSync(templateFile, databaseFile)
}
