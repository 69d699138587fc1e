// Makes the database that test apps start from a copy of: migrated, with alice. Both take long.
import { join } from 'node:path'
import { rmSync } from 'node:fs'
import { migrateDatabase } from '../server/database/sqlite/migrate-sqlite.ts'
import { openDatabase } from '../server/database/sqlite/open-sqlite.ts'
import { findProjectDir } from '../server/project-dir.ts'
import { hashPassword } from '../server/users/password.ts'
import { alice, templateFile } from './template.ts'

rmSync(templateFile, { force: true })
migrateDatabase(templateFile, join(findProjectDir(), 'prisma/migrations'))
const { writer, closeDatabase } = await openDatabase(templateFile)
// A hash that is checked in a millisecond: most tests upload as alice.
const hash = await hashPassword(alice.password, 256)
await writer.transact([], (tx) =>
  tx.user.create({ data: { name: alice.name, unrestricted: true, createdAt: new Date(), ...hash } }),
)
await closeDatabase()
