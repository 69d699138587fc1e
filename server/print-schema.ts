import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { schema } from './schema.ts'

/** The schema as text, as `schema.graphql` has it. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(import.meta.dirname, '../schema.graphql'), printedSchema())
}
