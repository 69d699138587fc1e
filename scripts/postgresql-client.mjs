// Generates the part of the database client that differs for PostgreSQL: internal/class.ts, which names the
// provider and its query compiler. Everything else of a client is types, which it takes from the SQLite client.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectDir, runPrisma } from './setup.mjs'

const folder = join(projectDir, 'server/generated/prisma-postgresql')

/** prisma/schema.prisma for PostgreSQL. */
export function postgresqlSchema() {
  const schema = readFileSync(join(projectDir, 'prisma/schema.prisma'), 'utf8')
  const changed = schema.replace('provider = "sqlite"', 'provider = "postgresql"')
  if (changed === schema) throw new Error('prisma/schema.prisma does not name the provider sqlite')
  return changed
}

export function generatePostgresqlClient() {
  const whole = join(folder, 'whole')
  const schemaFile = join(folder, 'schema.prisma')
  mkdirSync(folder, { recursive: true })
  const schema = postgresqlSchema()
    .replace(/generator pothos \{[^}]*\}/, '')
    .replace('"../server/generated/prisma"', '"./whole"')
  writeFileSync(schemaFile, schema)
  runPrisma('generate', '--no-hints', '--schema', schemaFile)
  const source = readFileSync(join(whole, 'internal/class.ts'), 'utf8')
  writeFileSync(
    join(folder, 'class.ts'),
    source.replace('"./prismaNamespace.ts"', '"../prisma/internal/prismaNamespace.ts"'),
  )
  rmSync(whole, { recursive: true })
  rmSync(schemaFile)
}

if (process.argv[1] === import.meta.filename) generatePostgresqlClient()
