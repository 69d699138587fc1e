import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { migrateDatabase, openDatabase } from '../database.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { findProjectDir } from '../project-dir.ts'
import { environmentOf } from './settings.ts'

/** Run an action on the database of the data directory, which is made when absent. */
export async function withDatabase(
  command: Command,
  action: (db: PrismaClient) => Promise<void>,
): Promise<void> {
  const { dataDir, databaseFile } = readConfig(environmentOf(command))
  mkdirSync(dataDir, { recursive: true })
  migrateDatabase(databaseFile, join(findProjectDir(), 'prisma/migrations'))
  const db = await openDatabase(databaseFile)
  try {
    await action(db)
  } finally {
    await db.$disconnect()
  }
}
