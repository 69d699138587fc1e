import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import type { Reader } from '../../server/database/reader.ts'
import { postgresqlIntegrity } from '../../server/database/postgresql/check-indexes.ts'
import { emptyDatabase } from '../database.ts'

async function ask(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** The damaged indexes, and the note. */
async function checked(url: string, isQuick: boolean) {
  const steps = postgresqlIntegrity(url).findDamage({} as Reader, isQuick)
  const parts: (string | null)[] = []
  for (;;) {
    const step = await steps.next()
    if (step.done) return { parts, note: step.value }
    parts.push(step.value.part)
  }
}

/** The address for a user of the database who may do nothing but connect. */
async function asGuest(url: string): Promise<string> {
  const name = `guest_${randomUUID().replaceAll('-', '')}`
  await ask(url, `CREATE ROLE ${name} LOGIN`)
  onTestFinished(() => ask(url, `DROP ROLE ${name}`))
  const guest = new URL(url)
  guest.username = name
  return guest.href
}

const change = (name: string, body: string) =>
  `CREATE OR REPLACE FUNCTION ${name}(value int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN ${body} END'`

test('amcheck finds a damaged index; what it may not or cannot check is a note, and no damage', async () => {
  const url = await emptyDatabase()
  await ask(url, 'CREATE TABLE one (id int PRIMARY KEY); INSERT INTO one SELECT generate_series(1, 100)')
  expect(await checked(url, false)).toEqual({
    parts: [],
    note: expect.stringContaining('the extension amcheck is not installed') as string,
  })
  await ask(url, 'CREATE SCHEMA checks; CREATE EXTENSION amcheck SCHEMA checks')
  expect(await checked(url, false)).toEqual({
    parts: [],
    note: 'PostgreSQL enforces references; amcheck compared 1 indexes with their tables',
  })
  expect(await checked(await asGuest(url), false)).toEqual({
    parts: [],
    note: expect.stringMatching(
      /this user may not call amcheck: .*GRANT EXECUTE ON FUNCTION checks\.bt_index_check/,
    ) as string,
  })
  // An index of a function that has changed lacks rows of its table; one whose function fails cannot be compared.
  for (const name of ['changed', 'failing'])
    await ask(url, `${change(name, 'RETURN value;')}; CREATE INDEX one_${name} ON one (${name}(id))`)
  await ask(url, change('changed', 'RETURN -value;'))
  await ask(url, change('failing', 'RAISE EXCEPTION $$it fails$$;'))
  expect(await checked(url, false)).toEqual({
    parts: ['one_changed'],
    note: expect.stringContaining('not checked: one_failing (error: it fails)') as string,
  })
  expect(await checked(url, true)).toEqual({
    parts: [],
    note: 'PostgreSQL enforces references; amcheck checked the order of 3 indexes',
  })
})
