// Deletes blobs without references from a data directory, again and again, until its standard input ends: for
// collect-race.test.ts. Prints `pass` after each time, and in the end how many it has deleted.
//
//   node --import tsx test/server/storage/collecting-process.ts DATA_DIR [DATABASE_URL]
import { diskBlobStore } from '../../../server/blobs/disk-blob-store.ts'
import { readConfig } from '../../../server/config.ts'
import { siteDatabaseOf } from '../../../server/database/site-database.ts'
import { collectBlobs } from '../../../server/storage/collect-blobs.ts'

const [dataDir, databaseUrl = ''] = process.argv.slice(2)
const config = readConfig({ BUILDER_HUB_DATA_DIR: dataDir, BUILDER_HUB_DATABASE_URL: databaseUrl })
const database = await (await siteDatabaseOf(config)).open()
const blobs = diskBlobStore({ dir: config.blobDir, stagingDir: config.stagingDir })
let isEnding = false
process.stdin.on('end', () => (isEnding = true)).resume()
let deletedCount = 0
while (!isEnding) {
  for await (const { deleted } of collectBlobs({ ...database, blobs }, { graceMs: 0 }))
    deletedCount += deleted.length
  process.stdout.write('pass\n')
}
await database.closeDatabase()
process.stdout.write(`deleted ${deletedCount}\n`)
