import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MalformedError } from '../../../server/errors.ts'
import { parseEnvelope, printEnvelope } from '../../../server/formats/signing/dsse.ts'
import { signEnvelope } from '../../../server/formats/signing/keys.ts'
import { linkOf, parseLink, printMetadata, signMetadata } from '../../../server/formats/signing/link.ts'
import { parseMinisign, signMinisign } from '../../../server/formats/signing/minisign.ts'
import { parseNote } from '../../../server/formats/signing/parse-note.ts'
import { signNote } from '../../../server/formats/signing/signed-note.ts'
import { parseSsh, signSsh } from '../../../server/formats/signing/sshsig.ts'
import { parseStatement, printStatement } from '../../../server/formats/signing/statement.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { seedOf, signedInputs } from '../../long.ts'
import { seeded } from '../whole-record.ts'
import { firstKey } from './test-keys.ts'

// Most mutants are refused, and a trace costs more than the reading.
const { stackTraceLimit } = Error
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

const pieces = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '1',
  'null',
  '\n',
  '—',
  '\ud800',
  '=',
  '{"a":',
  '"_type":"link",',
]

/** Edits characters, and repeats, moves and cuts stretches. */
function mutate(text: string, random: (bound: number) => number): string {
  let mutant = text
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const at = random(mutant.length + 1)
    const [before, after] = [mutant.slice(0, at), mutant.slice(at)]
    const piece = pieces[random(pieces.length)] ?? ''
    mutant =
      [
        () => before + piece + after,
        () => before + after.slice(1),
        () => before + String.fromCharCode(random(256)) + after.slice(1),
        () => before + before.slice(-random(30)) + after,
        () => before + after.slice(random(30)),
        () => (random(8) === 0 ? before : text),
      ][random(6)]?.() ?? text
  }
  return mutant
}

function fuzz(name: string, texts: readonly string[], read: (text: string) => unknown, seed: number): void {
  test(`mutants of ${name} are read or refused`, () => {
    const random = seeded(seedOf(seed))
    const counts = { read: 0, refused: 0 }
    const total = signedInputs
    for (let n = 0; n < total; n++) {
      try {
        read(mutate(texts[n % texts.length] ?? '', random))
        counts.read++
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error
        counts.refused++
      }
    }
    expect(counts.refused).toBeGreaterThan(total / 10)
  })
}

const body = printStatement({
  subject: [{ name: 'bin/a', digest: { sha256: 'ab'.repeat(32), sha512: 'cd'.repeat(64) } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: { runDetails: { builder: { id: 'x', version: { a: '1' } } }, list: [1, [2, null]] },
})
const digests = { sha256: 'ab'.repeat(32) }
const link = linkOf({ name: 'rebuild f', materials: { f: digests }, products: { f: digests } })
const corpusLinks = hasCorpus
  ? [readFileSync(corpusPath('in-toto/filesystem-2025.10.12-1-any.in-toto.link'), 'utf8')]
  : []

fuzz(
  'an envelope',
  [printEnvelope(signEnvelope(firstKey, 'application/vnd.in-toto+json', body))],
  (text) => parseEnvelope(Buffer.from(text)),
  1,
)
fuzz('a statement', [Buffer.from(body).toString()], (text) => parseStatement(Buffer.from(text)), 2)
fuzz(
  'links',
  [printMetadata(signMetadata([firstKey], link)), ...corpusLinks],
  (text) => parseLink(Buffer.from(text)),
  3,
)
fuzz('a note', [signNote({ name: 'a.example/log', key: firstKey }, 'a\n8\nroot\n')], parseNote, 4)
fuzz('a minisign signature', [signMinisign(firstKey, Buffer.from('x'), 'comment')], parseMinisign, 5)
fuzz('an SSH signature', [signSsh(firstKey, Buffer.from('x'), 'n')], parseSsh, 6)
