import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blobColumns, blobSizeColumns, otherHashColumns } from '../../../server/storage/blob-columns.ts'
import { projectDir } from '../../app.ts'

/** Columns that hold a SHA-256, as `Model.column`, from the Prisma models. */
function hashColumnsOf(models: string): string[] {
  return [...models.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)].flatMap(([, model = '', body = '']) =>
    [...body.matchAll(/^ {2}(\w+) +(?:String|Bytes)\b/gm)].flatMap(([, column = '']) =>
      /sha-?256|hash/i.test(column) || column === 'inputId' ? [`${model}.${column}`] : [],
    ),
  )
}

/** They have `hash` in their name, and no SHA-256 of anything stored. */
const ofPasswords = ['User.passwordHash']

test('every column of a hash is known to keep a blob, or not to', () => {
  const listed = [
    ...Object.entries(blobColumns).flatMap(([model, columns]) =>
      columns.map((column) => `${model}.${column}`),
    ),
    ...Object.entries(otherHashColumns).flatMap(([model, columns]) =>
      Object.keys(columns).map((column) => `${model}.${column}`),
    ),
    ...ofPasswords,
  ]
  const models = readFileSync(join(projectDir, 'prisma/schema.prisma'), 'utf8')
  expect(listed.sort()).toEqual(hashColumnsOf(models).sort())
})

test('every column of the length of a blob is known', () => {
  const models = readFileSync(join(projectDir, 'prisma/schema.prisma'), 'utf8')
  const found = Object.entries(blobColumns).map(([model, columns]) => {
    const [, body = ''] = new RegExp(`^model ${model} \\{\\n(.*?)^\\}`, 'ms').exec(models) ?? []
    const sizes = columns.flatMap((column) => {
      const size = column.replace(/sha256$/, 'sizeBytes').replace(/Sha256$/, 'SizeBytes')
      return new RegExp(`^ +${size} `, 'm').test(body) ? [[column, size] as const] : []
    })
    return [model, Object.fromEntries(sizes)] as const
  })
  expect(Object.fromEntries(found.filter(([, sizes]) => Object.keys(sizes).length > 0))).toEqual(
    blobSizeColumns,
  )
})

test('a new column of a hash is found', () => {
  const models =
    'model A {\n  id Int @id\n  logSha256 String?\n  name String\n}\n\nmodel B {\n  sha256   Bytes @unique\n}\n'
  expect(hashColumnsOf(models)).toEqual(['A.logSha256', 'B.sha256'])
})
