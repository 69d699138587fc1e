import type pg from 'pg'

/** Runs `action` in a transaction, which is rolled back when it throws. */
export async function inTransaction(client: pg.Client, action: () => Promise<void>): Promise<void> {
  await client.query('BEGIN')
  try {
    await action()
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}
