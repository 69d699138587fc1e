import { stat, statfs } from 'node:fs/promises'
import type { Config } from '../config.ts'
import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'

/** The disk of the data directory, in bytes. `free`: what the user of the server has left. */
export async function readDiskSize({
  dataDir,
}: Pick<Config, 'dataDir'>): Promise<{ free: number; size: number }> {
  const { bavail, blocks, bsize } = await statfs(dataDir)
  return { free: bavail * bsize, size: blocks * bsize }
}

/** Bytes of the database: on SQLite of its file and its write-ahead log. */
export async function readDatabaseSize(
  { databaseFile, databaseUrl }: Pick<Config, 'databaseFile' | 'databaseUrl'>,
  db: Reader,
): Promise<number> {
  if (databaseUrl === '') {
    const sizes = await Promise.all(['', '-wal'].map((end) => sizeOf(`${databaseFile}${end}`)))
    return sizes.reduce((sum, size) => sum + size, 0)
  }
  const [row] = await db.$queryRaw<{ bytes: bigint }[]>(
    Prisma.sql`SELECT pg_database_size(current_database()) AS bytes`,
  )
  return Number(row?.bytes ?? 0)
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch {
    return 0
  }
}
