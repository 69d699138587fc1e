import BetterSqlite3 from 'better-sqlite3'
import { expect, test } from 'vitest'
import { isDatabaseDamaged, isDatabaseUnavailable } from '../../../server/database/database-errors.ts'

test.each([
  ...[
    'SQLITE_CORRUPT',
    'SQLITE_CORRUPT_INDEX',
    'SQLITE_NOTADB',
    'SQLITE_IOERR_READ',
    'SQLITE_IOERR_SHORT_READ',
  ],
  ...['XX001', 'XX002'],
])('%s is damage', (code) => {
  const error = code.startsWith('SQLITE')
    ? new BetterSqlite3.SqliteError('it is broken', code)
    : { cause: { originalCode: code } }
  expect(isDatabaseDamaged(error)).toBe(true)
})

test.each(['SQLITE_BUSY', 'SQLITE_FULL', '42501', '57014', 'XX000', '08006'])('%s is no damage', (code) => {
  expect(isDatabaseDamaged({ cause: { originalCode: code } })).toBe(false)
  expect(isDatabaseDamaged(new BetterSqlite3.SqliteError('it is not', code))).toBe(false)
})

test.each(['08006', '25P03', '57P01', 'P1017'])('%s: the database cannot be reached', (code) => {
  expect(isDatabaseUnavailable({ cause: { originalCode: code } })).toBe(true)
})

test.each([
  'Connection terminated unexpectedly',
  'Client has encountered a connection error and is not queryable',
])('%s: the database cannot be reached', (message) => {
  expect(isDatabaseUnavailable(new Error(message))).toBe(true)
})

test.each(['25P02', '57014', '23505'])('%s: the database answers', (code) => {
  expect(isDatabaseUnavailable({ cause: { originalCode: code } })).toBe(false)
})
