// Makes one copy, and a second one that never ends, in a process of its own: local-copies.test.ts kills it.
//
//   node --import tsx test/server/blobs/killed-copier.ts DIR
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { toBlobId } from '../../../server/blobs/blob-store.ts'
import { localCopies } from '../../../server/blobs/local-copies.ts'

const [dir = ''] = process.argv.slice(2)
const bytes = Buffer.alloc(3 * 1024 ** 2, 'copied')
const id = toBlobId(createHash('sha256').update(bytes).digest('hex'))
const copies = localCopies({ dir })
const source = {
  sizeBytes: async () => bytes.length,
  open: async () => Readable.from([bytes], { objectMode: false }),
}
await copies.withFile(source, id, async () => {})

async function* endless() {
  for (let chunk = 0; ; chunk++) {
    if (chunk === 8) process.stdout.write('copying\n')
    yield bytes
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
const slow = { ...source, open: async () => Readable.from(endless(), { objectMode: false }) }
await copies.withFile(slow, toBlobId('0'.repeat(64)), async () => {})
