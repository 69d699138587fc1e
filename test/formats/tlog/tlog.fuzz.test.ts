import { afterAll, beforeAll, expect, test } from 'vitest'
import { MalformedError } from '../../../server/errors.ts'
import { parseCheckpoint } from '../../../server/formats/tlog/checkpoint.ts'
import { parseEntry, printEntry } from '../../../server/formats/tlog/log-entry.ts'
import { parseBundle, parseTilePath, printBundle } from '../../../server/formats/tlog/tiles.ts'
import { parseProof, printProof } from '../../../server/formats/tlog/tlog-proof.ts'
import { seedOf, signedInputs } from '../../long.ts'
import { seeded } from '../whole-record.ts'

const { stackTraceLimit } = Error
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

const sha256 = '0a'.repeat(32)
const root = Buffer.alloc(32, 7)
const note = `a.example/log\n8\n${root.toString('base64')}\n\n— a.example/log AAAAAAAA\n`
const entry = printEntry({ kind: 'key', sha256, subjects: [sha256], keyid: sha256, time: 1, since: 2 })

/** What is read, and how. Bytes stand as characters, so that one mutator is enough. */
const formats: Record<string, { sample: string; read: (text: string) => unknown }> = {
  'a path of a tile': { sample: 'tile/0/x001/x234/067.p/12', read: parseTilePath },
  'a checkpoint': { sample: note.split('\n\n')[0] ?? '', read: parseCheckpoint },
  'a proof': { sample: printProof({ extra: entry, index: 3, hashes: [root, root], note }), read: parseProof },
  'an entry': {
    sample: Buffer.from(entry).toString('latin1'),
    read: (text) => parseEntry(Buffer.from(text, 'latin1')),
  },
  'a tile of entries': {
    sample: Buffer.from(printBundle([entry, entry, Buffer.of(1)])).toString('latin1'),
    read: (text) => parseBundle(Buffer.from(text, 'latin1')),
  },
}

test.each(Object.entries(formats))('mutants of %s are read or refused', (name, { sample, read }) => {
  const random = seeded(seedOf(name.length))
  const total = signedInputs
  let refusedCount = 0
  for (let n = 0; n < total; n++) {
    let text = sample
    for (let edits = 1 + random(3); edits > 0; edits--) {
      const at = random(text.length + 1)
      const other = random(sample.length)
      const piece = [sample.slice(other, other + random(9)), String.fromCharCode(random(256)), '\n', '0'][
        random(4)
      ]
      text = text.slice(0, at) + (piece ?? '') + text.slice(at + random(3))
    }
    try {
      read(text)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      refusedCount++
    }
  }
  expect(refusedCount).toBeGreaterThan(total / 10)
})
