// Appends lines to a console as fast as it takes them, while readers wait in it that never read on.
//
//   node --expose-gc --import tsx busy-console.ts DIR UUID LINES READERS
//
// Prints `COUNT RSS` after each 10,000 lines, in bytes, and `done` at the end; then it waits to be killed.
import { createLiveConsoles } from '../../../server/live-console/live-consoles.ts'

const [dir = '', uuid = '', lines = '', readers = ''] = process.argv.slice(2)
const batchLines = 100
const console = await createLiveConsoles(dir).open(uuid)
await console.append([{ deltaNs: 0n, text: Buffer.from('the first line') }])
const stuck = Array.from({ length: Number(readers) }, () => console.follow(0, new AbortController().signal))
for (const reader of stuck) await reader.next()

for (let n = 1; n < Number(lines); n += batchLines) {
  await console.append(
    Array.from({ length: batchLines }, (_, i) => ({
      deltaNs: BigInt(n + i),
      text: Buffer.from(`${n + i}: some forty bytes, as lines often have`),
    })),
  )
  if ((n - 1) % 10_000 !== 0) continue
  globalThis.gc?.()
  process.stdout.write(`${console.lineCount} ${process.memoryUsage.rss()}\n`)
}
process.stdout.write('done\n')
setInterval(() => stuck.length, 1_000)
