import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parseNote } from '../../../server/formats/signing/parse-note.ts'
import { parseVerifierKey, signNote, verifierKey } from '../../../server/formats/signing/signed-note.ts'
import { parseAddCheckpoint, printAddCheckpoint } from '../../../server/formats/tlog/add-checkpoint.ts'
import { printCheckpoint } from '../../../server/formats/tlog/checkpoint.ts'
import { verifyCosignature } from '../../../server/formats/tlog/cosignature.ts'
import { hashRanges } from '../../../server/formats/tlog/merkle.ts'
import { parseProof } from '../../../server/formats/tlog/tlog-proof.ts'
import { consistencyRanges } from '../../../server/formats/tlog/tree.ts'
import { witnessKey } from '../../../server/signing/site-keys.ts'
import { witnessName } from '../../../server/transparency/log-head.ts'
import { createTransparencyLog } from '../../../server/transparency/transparency-log.ts'
import { testApp, temporaryDir, type TestApp } from '../../app.ts'
import { firstKey, secondKey } from '../../formats/signing/test-keys.ts'
import { nodeReaderOf, rootsOf, sampleLeaves } from '../../formats/tlog/sample-tree.ts'

const signing = (host: string) => ({
  BUILDER_HUB_SIGNING: 'on',
  BUILDER_HUB_PUBLIC_URL: `https://${host}`,
})
const origin = 'other.example/log'
const log = { name: origin, key: firstKey }
const leaves = sampleLeaves(20)
const roots = rootsOf(leaves)
const noteOf = (size: number, { key = firstKey, root = roots[size] } = {}) =>
  signNote({ name: origin, key }, printCheckpoint({ origin, size, root: root ?? new Uint8Array() }))

let app: TestApp
let vkey: string
beforeAll(async () => {
  app = await testApp({ keep: true, env: signing('witness.example') })
  const { config, writer } = app.deps
  expect(await ask(0, 3)).toEqual([404, expect.any(String)])
  await writer.transact([], (tx) =>
    tx.witnessedLog.create({ data: { origin, verifierKey: verifierKey(log), size: 0, addedAt: new Date() } }),
  )
  const key = await witnessKey(app.deps, new Date())
  if (!key) throw new Error('the site signs nothing')
  vkey = verifierKey({ name: witnessName(config), key }, 'cosignature')
})
afterAll(() => app.close())

async function post(body: string): Promise<[status: number, text: string, type: string | null]> {
  const response = await fetch(`${app.url}/witness/add-checkpoint`, { method: 'POST', body })
  return [response.status, await response.text(), response.headers.get('content-type')]
}

async function ask(oldSize: number, size: number, note = noteOf(size)) {
  const proof = oldSize < size ? await hashRanges(consistencyRanges(oldSize, size), nodeReaderOf(leaves)) : []
  const [status, text] = await post(printAddCheckpoint({ oldSize, proof, note }))
  return [status, text]
}

test('a witness signs a log that only grows, and refuses all else', async () => {
  const [status, line] = await ask(0, 3)
  expect([status, line]).toEqual([200, expect.stringMatching(/^— witness\.example\/witness \S+\n$/u)])
  const [, cosignature] = parseNote(`${noteOf(3)}${line}`).signatures
  const witness = parseVerifierKey(vkey, 'cosignature')
  expect(cosignature && verifyCosignature(witness, parseNote(noteOf(3)).text, cosignature)).toBeGreaterThan(0)
  expect((await ask(3, 8))[0]).toBe(200)
  expect((await ask(8, 8))[0]).toBe(200)
  expect(await ask(3, 9)).toEqual([409, '8\n'])
  expect(await ask(0, 2)).toEqual([409, '8\n'])
  expect((await ask(8, 7))[0]).toBe(400)
  expect((await ask(8, 9, noteOf(9, { key: secondKey })))[0]).toBe(403)
  expect((await ask(8, 9, noteOf(9, { root: roots[10] })))[0]).toBe(422)
  expect((await ask(8, 8, noteOf(8, { root: roots[9] })))[0]).toBe(422)
  expect((await post('old x\n\n'))[0]).toBe(400)
  expect((await post('x'.repeat(70_000)))[0]).toBe(413)
  const unknown = signNote(
    { name: 'x/log', key: firstKey },
    printCheckpoint({ origin: 'x/log', size: 1, root: roots[1] ?? new Uint8Array() }),
  )
  expect((await ask(0, 1, unknown))[0]).toBe(404)
  expect((await post(printAddCheckpoint({ oldSize: 3, proof: [], note: noteOf(9) })))[2]).toBe(
    'text/x.tlog.size',
  )
  const id = (await import('node:crypto')).createHash('sha256').update(origin).digest('hex')
  expect(await (await fetch(`${app.url}/witness/${id}/checkpoint`)).text()).toBe(noteOf(8))
  expect((await fetch(`${app.url}/witness/${'0'.repeat(64)}/checkpoint`)).status).toBe(404)
})

test.each([
  '',
  'old 1',
  'old -1\n\nx',
  'new 1\n\nx',
  'old 1\nAA==\n\nx',
  `old 1\n${'A'.repeat(70_000)}\n\nx`,
])('the request %# is refused', (text) => {
  expect(() => parseAddCheckpoint(text)).toThrow('malformed')
})

test('a site lets its witnesses sign, shows that, and stops when one contradicts', async () => {
  const file = join(temporaryDir(), 'witnesses.json')
  const { deps, graphql, url } = await testApp({
    env: { ...signing('log.example'), BUILDER_HUB_WITNESSES_FILE: file },
  })
  writeFileSync(file, JSON.stringify([{ vkey, url: `${app.url}/witness` }]))
  await deps.transparency.sequence()
  const own = (await (await fetch(`${url}/keys/log.vkey`)).text()).trim()
  await app.deps.writer.transact([], (tx) =>
    tx.witnessedLog.create({
      data: { origin: 'log.example/log', verifierKey: own, size: 0, addedAt: new Date() },
    }),
  )
  const again = createTransparencyLog(deps)
  await again.sequence()
  const count = () => deps.db.logCosignature.count({ where: { size: 3 } })
  await vi.waitFor(async () => expect(await count()).toBe(1), { timeout: 60_000, interval: 20 })
  const { data } = await graphql(
    '{ log { size origin witnesses { name size } newestEntries { kind index } } }',
  )
  expect(data.log).toMatchObject({
    ...{ size: 3, origin: 'log.example/log' },
    witnesses: [{ name: expect.stringContaining('/witness'), size: 3 }],
    newestEntries: [2, 1, 0].map((index) => ({ kind: 'KEY', index })),
  })
  const keyId = (await deps.db.signingKey.findFirstOrThrow()).sha256
  const proof = parseProof(await (await fetch(`${url}/log/proof/${keyId}`)).text())
  expect(parseNote(proof.note).signatures).toHaveLength(2)

  await app.deps.writer.transact([], (tx) =>
    tx.witnessedLog.update({ where: { origin: 'log.example/log' }, data: { size: 9 } }),
  )
  await deps.writer.transact([], (tx) => tx.logCosignature.deleteMany())
  const last = createTransparencyLog(deps)
  await last.sequence()
  await vi.waitFor(
    async () => {
      await last.sequence()
      expect(last.refusal()).toContain('has seen 9 entries of this log, and it has 3')
    },
    { timeout: 60_000, interval: 50 },
  )
  expect(last.published()).toBeNull()
  await Promise.all([again.close(), last.close()])
})
