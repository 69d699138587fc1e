// `vacuum` in a process of its own, for vacuum.test.ts: it kills itself within a transaction.
//
//   node --import tsx killed-vacuum.ts DATABASE_FILE TRANSACTION
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import { listPlaces } from '../../../server/retention/places.ts'
import { vacuum } from '../../../server/retention/vacuum.ts'

const [file = '', killedAt = ''] = process.argv.slice(2)
const { db, writer } = await openDatabase(file)
const { transact } = writer
let transactions = 0
writer.transact = (changes, action) =>
  transact(changes, async (tx) => {
    const result = await action(tx)
    if (++transactions === Number(killedAt)) process.kill(process.pid, 'SIGKILL')
    return result
  })
const plan = (await listPlaces(db)).map((place) => ({ place, keep: { newest: 2 }, reason: 'killed' }))
// A build for each transaction.
for await (const _step of vacuum({ db, writer }, plan, { now: new Date(), transactionMs: 0 }));
