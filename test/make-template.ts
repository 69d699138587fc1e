// Makes the database that test apps start from a copy of: migrated, with alice. Both take long.
import { join } from 'node:path'
import { rmSync } from 'node:fs'
import { migrateDatabase, openDatabase } from '../server/database.ts'
import { findProjectDir } from '../server/project-dir.ts'
import { addUser } from '../server/users/users.ts'
import { alice, templateFile } from './template.ts'

rmSync(templateFile, { force: true })
migrateDatabase(templateFile, join(findProjectDir(), 'prisma/migrations'))
const { writer, closeDatabase } = await openDatabase(templateFile)
await addUser(writer, { ...alice, unrestricted: true })
await closeDatabase()
