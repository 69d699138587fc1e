import { join } from 'node:path'
import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { postgresqlDatabase } from '../../server/database/postgresql/postgresql-database.ts'
import { projectDir, temporaryDir } from '../app.ts'
import { freshDatabase } from '../database.ts'
import { differences, factSite, store, type FactSite } from '../server/facts/fact-site.ts'
import { sha256 } from '../server/graphql-site.ts'

const migration = '0019_hashes_as_bytes'

/** The address of the database that a site uses, and a connection to it. */
async function connectTo({ db }: Pick<FactSite, 'db'>) {
  const [row] = await db.$queryRaw<{ name: string }[]>`SELECT current_database()::text AS name`
  const url = new URL(`/${row?.name}`, inject('postgresqlUrl')).href
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return { url, client }
}

/** All columns with hashes. */
async function hashColumns(client: pg.Client) {
  const { rows } = await client.query<{ table: string; column: string }>(
    `SELECT table_name AS table, column_name AS column FROM information_schema.columns
     WHERE table_schema = current_schema() AND (column_name ILIKE '%sha256%' OR column_name = 'inputId')`,
  )
  return rows
}

/** Turns a database of the newest schema into one of the schema before hashes were bytes. */
async function bringBackDigits(client: pg.Client): Promise<void> {
  for (const { table, column } of await hashColumns(client))
    await client.query(`ALTER TABLE "${table}" DROP CONSTRAINT "${table}_${column}_hash",
      ALTER "${column}" TYPE text USING encode("${column}", 'hex')`)
  await client.query('DROP FUNCTION hex(bytea); DROP DOMAIN blob')
  await client.query(`DELETE FROM "_prisma_migrations" WHERE migration_name = '${migration}'`)
}

/** The rows of all tables with hashes, in the order of their columns. */
async function contentOf(client: pg.Client): Promise<unknown[][]> {
  const tables = [...new Set((await hashColumns(client)).map(({ table }) => table))].sort()
  const found = []
  for (const table of tables) {
    const { rows } = await client.query<object>(`SELECT * FROM "${table}" ORDER BY "${table}"::text`)
    found.push(rows)
  }
  return found
}

async function filled() {
  const site = await factSite()
  const told = { job: 'one', platform: 'debian-12', durationMs: 5_000, readme: 1, opamSwitch: 1 } as const
  for (let n = 0; n < 12; n++)
    await store(
      site,
      {
        ...told,
        failed: n % 5 === 4,
        startedAt: new Date(n * 9e7),
        input: n % 3,
        output: n % 4 === 3 ? null : n % 4,
      },
      n,
    )
  return { site, ...(await connectTo(site)) }
}

const upgrade = (url: string) => postgresqlDatabase(url, join(projectDir, 'prisma/postgresql')).migrate()

test('an upgrade to hashes as bytes keeps every row, and the facts', async () => {
  const { site, url, client } = await filled()
  try {
    const expected = await contentOf(client)
    expect(expected.flat().length).toBeGreaterThan(40)
    await bringBackDigits(client)
    const { rows } = await client.query(`SELECT 1 FROM "Output" WHERE sha256 = '${sha256('output 1')}'`)
    expect(rows).toHaveLength(1)
    expect(await upgrade(url)).toEqual([migration])
    expect(await contentOf(client)).toEqual(expected)
  } finally {
    await client.end()
  }
  expect(await differences(site)).toEqual([])
})

test('a text that is no hash stops the upgrade and is named', async () => {
  const { url, client } = await filled()
  try {
    await bringBackDigits(client)
    await client.query(`UPDATE "Build" SET "inputId" = 'it''s none' WHERE id = 2`)
    await expect(upgrade(url)).rejects.toThrow(
      `migration ${migration} cannot be applied: Build.inputId of the row with id 2 is 'it''s none', not the 64`,
    )
    const { rows } = await client.query(`SELECT "inputId" FROM "Build" WHERE id = 2`)
    expect(rows).toEqual([{ inputId: "it's none" }])
  } finally {
    await client.end()
  }
})

test('the database refuses a hash that has not 32 bytes', async () => {
  const database = await freshDatabase(temporaryDir())
  const { client } = await connectTo(database)
  try {
    await expect(client.query(`INSERT INTO "Output" VALUES ('\\x00', 1, 1, false)`)).rejects.toThrow(
      'Output_sha256_hash',
    )
  } finally {
    await client.end()
    await database.closeDatabase()
  }
})
