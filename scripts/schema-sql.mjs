// Prints the SQL that creates the schema of prisma/schema.prisma in an empty SQLite database.
// Prisma's command line downloads a schema engine. This script uses the same engine as WebAssembly,
// which comes from npm.
//
//   node scripts/schema-sql.mjs          prints it, to copy changes into a new migration
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'

const schemaPath = join(import.meta.dirname, '../prisma/schema.prisma')

export async function schemaSql() {
  const wasm = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const module = new WebAssembly.Module(readFileSync(join(dirname(wasm), 'schema_engine_bg.wasm')))
  const instance = new WebAssembly.Instance(module, { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(instance.exports)
  instance.exports['__wbindgen_start']()

  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaBetterSqlite3({ url: ':memory:' }))
  const files = [{ path: schemaPath, content: readFileSync(schemaPath, 'utf8') }]
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

if (process.argv[1] === import.meta.filename) process.stdout.write(await schemaSql())
