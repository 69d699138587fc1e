import pg from 'pg'
import { openPostgresql } from '../../server/database/postgresql/open-postgresql.ts'
import { siteDatabaseOf } from '../../server/database/site-database.ts'
import { hashPassword } from '../../server/users/password.ts'
import { alice, templateDatabase } from '../template.ts'
import type { Cluster } from './cluster.ts'

/** Makes the database that each test copies. Returns the address of the server's first database. */
export async function makeTemplate(cluster: Cluster): Promise<string> {
  const client = new pg.Client({ connectionString: cluster.url })
  await client.connect()
  await client.query(`CREATE DATABASE ${templateDatabase}`)
  await client.end()
  const url = cluster.urlOf(templateDatabase)
  await (await siteDatabaseOf({ databaseUrl: url, databaseFile: '' })).migrate()
  const { writer, closeDatabase } = openPostgresql(url)
  const hash = await hashPassword(alice.password, 256)
  await writer.transact([], (tx) =>
    tx.user.create({ data: { name: alice.name, unrestricted: true, createdAt: new Date(), ...hash } }),
  )
  await closeDatabase()
  return cluster.url
}
