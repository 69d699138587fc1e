// Prints the SQL that creates the schema of prisma/schema.prisma in an empty database.
// Prisma's command line downloads a schema engine. This script uses the same engine as WebAssembly,
// which comes from npm.
//
//   node scripts/schema-sql.mjs                prints it for SQLite, to copy changes into a new migration
//   node scripts/schema-sql.mjs postgresql://…  prints it for the server with that address
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'
import { postgresqlSchema } from './postgresql-client.mjs'

const schemaPath = join(import.meta.dirname, '../prisma/schema.prisma')

export async function schemaSql(url = null) {
  const wasm = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const module = new WebAssembly.Module(readFileSync(join(dirname(wasm), 'schema_engine_bg.wasm')))
  const instance = new WebAssembly.Instance(module, { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(instance.exports)
  instance.exports['__wbindgen_start']()

  const isSqlite = url === null
  const adapter = bindMigrationAwareSqlAdapterFactory(
    isSqlite ? new PrismaBetterSqlite3({ url: ':memory:' }) : new PrismaPg(url),
  )
  const content = isSqlite ? readFileSync(schemaPath, 'utf8') : postgresqlSchema()
  const files = [{ path: schemaPath, content }]
  const schemaEngine = await engine.SchemaEngine.new(
    { datamodels: [[schemaPath, files[0].content]] },
    () => {},
    adapter,
  )
  const { stdout } = await schemaEngine.diff({
    from: { tag: 'empty' },
    to: { tag: 'schemaDatamodel', files },
    script: true,
    exitCode: null,
    shadowDatabaseUrl: null,
    filters: { externalTables: [], externalEnums: [] },
  })
  return stdout ?? ''
}

if (process.argv[1] === import.meta.filename) process.stdout.write(await schemaSql(process.argv[2] ?? null))
