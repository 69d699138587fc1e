import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { printEnvelope } from '../../server/formats/signing/dsse.ts'
import { publicJwk } from '../../server/formats/signing/jwk-set.ts'
import { keyIdOf, signEnvelope } from '../../server/formats/signing/keys.ts'
import { signNote } from '../../server/formats/signing/signed-note.ts'
import { printCheckpoint } from '../../server/formats/tlog/checkpoint.ts'
import { printEntry } from '../../server/formats/tlog/log-entry.ts'
import { leafHash } from '../../server/formats/tlog/merkle.ts'
import { printProof } from '../../server/formats/tlog/tlog-proof.ts'
import { printStatement } from '../../server/formats/signing/statement.ts'
import { checkContent, describeStatement, type SiteKey } from '../../web/check/check-file.ts'
import { waysToCheck } from '../../web/check/commands.ts'
import { firstKey, secondKey } from '../formats/signing/test-keys.ts'

const sha256 = createHash('sha256').update('a file').digest('hex')
const provenance = {
  subject: [{ name: 'bin/a', digest: { sha256 } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: { externalParameters: { job: 'hello', platform: 'debian-12' } },
    runDetails: {
      builder: { id: 'https://hub.example/builders/u-12345678' },
      metadata: { startedOn: '2026-11-01T10:00:00Z' },
    },
  },
}
const signed = (key = firstKey, statement = provenance, type = 'application/vnd.in-toto+json') =>
  printEnvelope(signEnvelope(key, type, printStatement(statement)))
const siteKey = (key = firstKey, changes: Partial<SiteKey> = {}): SiteKey => ({
  ...publicJwk(key),
  ...{ purpose: 'ATTEST', revokedAt: null },
  ...changes,
})
const id = keyIdOf(firstKey)
type Given = Parameters<typeof checkContent>
/** Without a log, unless one is given. */
const check = (
  about: string,
  lines: string,
  keys: Given[2],
  pinned: string | null,
  findProof: Given[4] = () => Promise.resolve(null),
) => checkContent(about, lines, keys, pinned, findProof)
const outcomes = async (...args: Parameters<typeof check>) =>
  (await check(...args)).steps.map(({ outcome }) => outcome)

test('a signed statement about the content is good, and the key is compared with the saved one', async () => {
  expect(await outcomes(sha256, signed(), [siteKey()], id)).toEqual(['good', 'good', 'good', 'open'])
  expect(await outcomes(sha256, signed(), [siteKey()], null)).toEqual(['good', 'good', 'open', 'open'])
  expect(await outcomes(sha256, signed(), [siteKey()], keyIdOf(secondKey))).toEqual([
    'good',
    'good',
    'bad',
    'open',
  ])
  const { keyIds, statements } = await check(sha256, signed(), [siteKey()], id)
  expect(keyIds).toEqual([id])
  expect(statements.map(describeStatement)).toEqual([
    'Builder u-12345678 made it in the job hello on debian-12, begun 2026-11-01T10:00:00Z.',
  ])
})

test('the id of a key is computed, whatever the site says', async () => {
  const lying = { ...siteKey(secondKey), kid: id }
  const { keyIds } = await check(sha256, signed(secondKey), [lying], id)
  expect(keyIds).toEqual([keyIdOf(secondKey)])
})

const logged = (text: string, { time = 1_800_000_000, key = secondKey, other = text } = {}) => {
  const sha256Of = createHash('sha256').update(other).digest('hex')
  const entry = { kind: 'attestation' as const, sha256: sha256Of, subjects: [sha256], keyid: id, time }
  const extra = printEntry(entry)
  const checkpoint = printCheckpoint({ origin: 'hub.example/log', size: 1, root: leafHash(extra) })
  const note = signNote({ name: 'hub.example/log', key }, checkpoint)
  return () => Promise.resolve(printProof({ extra, index: 0, hashes: [], note }))
}
const logKey = siteKey(secondKey, { purpose: 'LOG' })

test('a proof shows that the statement is in the log', async () => {
  const { steps } = await check(sha256, signed(), [siteKey(), logKey], id, logged(signed()))
  expect(steps.at(-1)).toEqual({
    outcome: 'good',
    text: 'In the public log hub.example/log, as entry 0 of 1: this site cannot take it back unseen.',
  })
})

test.each([
  ['is of another statement', logged(signed(), { other: 'x' }), logKey],
  ['is signed by another key', logged(signed(), { key: firstKey }), logKey],
  ['is signed by a revoked key', logged(signed()), { ...logKey, revokedAt: '2026-11-01T00:00:00Z' }],
  ['is none', () => Promise.resolve('x'), logKey],
])('a proof that %s is bad', async (_what, proof, key) => {
  expect((await outcomes(sha256, signed(), [siteKey(), key], id, proof)).at(-1)).toBe('bad')
})

test('what was in the log before its key was revoked stays good', async () => {
  const revoked = (revokedSince: string) =>
    siteKey(firstKey, { revokedAt: '2030-01-01T00:00:00Z', revokedSince })
  const at = Date.UTC(2026, 10, 10) / 1000
  const given = [signed(), logged(signed(), { time: at })] as const
  const confirmed = async (since: string, proof: Given[4] = given[1]) =>
    (await check(sha256, given[0], [revoked(since), logKey], id, proof)).statements.length
  expect(await confirmed('2026-11-11T00:00:00Z')).toBe(1)
  expect(await confirmed('2026-11-10T00:00:00Z')).toBe(0)
  expect(await confirmed('2026-11-11T00:00:00Z', () => Promise.resolve(null))).toBe(0)
})

const envelope = JSON.parse(signed())
const flippedPayload = JSON.stringify({ ...envelope, payload: envelope.payload.replace('Ij', 'Ik') })

test.each([
  ['nothing is signed', '', [siteKey()]],
  [
    'the statement is about another content',
    signed(firstKey, { ...provenance, subject: [{ name: 'a', digest: { sha256: '00' } }] }),
    [siteKey()],
  ],
  ['another key has signed', signed(secondKey), [siteKey()]],
  ['the key was revoked', signed(), [siteKey(firstKey, { revokedAt: '2026-11-01T00:00:00Z' })]],
  ['the key signs something else', signed(), [siteKey(firstKey, { purpose: 'LOG' })]],
  ['the payload is of another type', signed(firstKey, provenance, 'text/plain'), [siteKey()]],
  ['the signature is of another type', signed().replace('vnd.in-toto+json', 'vnd.in-toto+jsoN'), [siteKey()]],
  ['a byte of the statement was changed', flippedPayload, [siteKey()]],
  ['the line is no envelope', '{"payload":1}\nxyz', [siteKey()]],
])('a file is not confirmed when %s', async (_when, lines, keys) => {
  expect((await outcomes(sha256, lines, keys, null)).at(-1)).toBe('bad')
})

test('names that mean something to a shell are quoted', () => {
  const file = {
    ...{ origin: 'https://hub.example', build: 'https://hub.example/job/a/build/b', keyId: id },
    ...{ file: 'https://hub.example/f/$(x)', fileName: `-$(x)';rm`, attestation: 'https://hub.example/a' },
    signer: 'hub.example',
    isReproduced: false,
  }
  const ways = waysToCheck(file)
  expect(ways.map(({ title }) => title)).toEqual(['openssl', 'minisign', 'ssh-keygen', 'hub'])
  for (const { commands } of ways)
    expect(commands).toContain(`curl -fsSL -o './-$(x)'\\'';rm' 'https://hub.example/f/$(x)'`)
})
