import { expect, onTestFinished, test } from 'vitest'
import { DatabaseUnavailableError } from '../../server/database/writer.ts'
import { freshDatabase } from '../database.ts'
import { temporaryDir } from '../app.ts'

test('a server that stands still in a transaction does not keep the others from writing, and has written nothing', async () => {
  const database = await freshDatabase(temporaryDir())
  onTestFinished(database.closeDatabase)
  const still = await database.openAgain()
  onTestFinished(still.closeDatabase)
  let goOn = () => {}
  const standing = new Promise<void>((resolve) => (goOn = resolve))
  onTestFinished(() => goOn())
  let hasBegun = () => {}
  const begun = new Promise<void>((resolve) => (hasBegun = resolve))
  const stopped = still.writer.transact([], async (tx) => {
    await tx.job.create({ data: { name: 'still' } })
    hasBegun()
    await standing
    await tx.job.create({ data: { name: 'late' } })
  })
  await begun
  // PostgreSQL ends the transaction that holds the lock before this one gives up.
  await database.writer.transact([], (tx) => tx.job.create({ data: { name: 'other' } }))
  goOn()
  await expect(stopped).rejects.toThrow(DatabaseUnavailableError)
  expect(await database.db.job.findMany({ select: { name: true } })).toEqual([{ name: 'other' }])
  // Its next transaction has another connection.
  await still.writer.transact([], (tx) => tx.job.create({ data: { name: 'again' } }))
})
