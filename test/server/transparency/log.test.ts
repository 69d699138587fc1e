import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { checkLog } from '../../../server/doctor/check-log.ts'
import { parseVerifierKey, verifyNote } from '../../../server/formats/signing/signed-note.ts'
import { parseCheckpoint } from '../../../server/formats/tlog/checkpoint.ts'
import { parseEntry, type LogEntry } from '../../../server/formats/tlog/log-entry.ts'
import { hashRanges, leafHash } from '../../../server/formats/tlog/merkle.ts'
import { parseBundle, tilePath, widthIn } from '../../../server/formats/tlog/tiles.ts'
import { parseProof } from '../../../server/formats/tlog/tlog-proof.ts'
import { consistencyRanges } from '../../../server/formats/tlog/tree.ts'
import { isConsistent, rootByInclusion } from '../../../server/formats/tlog/verify-proof.ts'
import { revokeKey, rotateKey } from '../../../server/signing/manage-keys.ts'
import { headFile } from '../../../server/transparency/head-file.ts'
import { newestHead } from '../../../server/transparency/log-head.ts'
import { rootAt, tileNodeReader } from '../../../server/transparency/read-tiles.ts'
import { resetLog } from '../../../server/transparency/reset-log.ts'
import { createTransparencyLog } from '../../../server/transparency/transparency-log.ts'
import { verifyLog } from '../../../server/transparency/verify-log.ts'
import { inOnePiece } from '../../../server/blobs/in-one-piece.ts'
import { testApp, type TestApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'
import { nodeReaderOf, rootsOf } from '../../formats/tlog/sample-tree.ts'
import { uuidOf } from '../graphql-site.ts'

const env = { BUILDER_HUB_SIGNING: 'on', BUILDER_HUB_PUBLIC_URL: 'https://hub.example' }
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
const act = byServer(new Date('2026-11-20T10:00:00Z'))

/** A site with a build, whose log has what `state` has stored. */
async function site({ keep = false } = {}) {
  const app = await testApp({ env, keep })
  await app.upload(sampleRecord({ uuid: uuidOf(1) }))
  await app.deps.transparency.sequence()
  return app
}

/** Stores statements of a build, without a task. Returns the hashes of their envelopes. */
async function state({ deps }: TestApp, count: number): Promise<string[]> {
  const [build, key] = await Promise.all([
    deps.db.build.findFirstOrThrow({ select: { id: true } }),
    deps.db.signingKey.findFirstOrThrow({ where: { purpose: 'ATTEST', retiredAt: null } }),
  ])
  const envelopes = Array.from({ length: count }, () => randomBytes(40))
  const staged = []
  for (const envelope of envelopes) staged.push(await deps.blobs.stage(inOnePiece(envelope)))
  await deps.blobs.commit(staged)
  const hashes = envelopes.map((envelope) => digest(envelope).toString('hex'))
  await deps.writer.transact(['facts'], (tx) =>
    tx.attestation.createMany({
      data: hashes.map((envelopeSha256) => ({
        ...{ buildId: build.id, keyId: key.id, envelopeSha256 },
        ...{ uuid: crypto.randomUUID(), predicateType: `t${envelopeSha256}`, envelopeSizeBytes: 40 },
        statedAt: new Date(),
      })),
    }),
  )
  return hashes
}

const checkpointAt = async (url: string, path = '/log') => {
  const response = await fetch(`${url}${path}/checkpoint`)
  expect(response.status).toBe(200)
  const vkey = parseVerifierKey(await (await fetch(`${url}/keys/log.vkey`)).text())
  const { text, signers } = verifyNote(await response.text(), [vkey])
  expect(signers).toHaveLength(1)
  return parseCheckpoint(text)
}

const bytesAt = async (address: string) => {
  const response = await fetch(address)
  expect(response.status, address).toBe(200)
  return new Uint8Array(await response.arrayBuffer())
}

/** All entries, as a monitor reads them. */
async function entriesAt(url: string, size: number, path = '/log'): Promise<Uint8Array[]> {
  const entries: Uint8Array[] = []
  for (let index = 0; entries.length < size; index++) {
    const width = widthIn(size, { level: 'entries', index })
    entries.push(
      ...parseBundle(await bytesAt(`${url}${path}/${tilePath({ level: 'entries', index, width })}`)),
    )
  }
  return entries
}

const kindsOf = (entries: readonly Uint8Array[]) => entries.map((bytes) => parseEntry(bytes).kind)

let app: TestApp
let hashes: string[]
beforeAll(async () => {
  app = await site({ keep: true })
  hashes = await state(app, 600)
  await app.deps.transparency.sequence()
})
afterAll(() => app.close())

test('keys come first, and every statement follows', async () => {
  const { origin, size, root } = await checkpointAt(app.url)
  expect([origin, size]).toEqual(['hub.example/log', 603])
  const entries = await entriesAt(app.url, size)
  expect(rootsOf(entries.map(leafHash)).at(-1)).toEqual(Buffer.from(root))
  const parsed = entries.map(parseEntry)
  expect(kindsOf(entries).slice(0, 4)).toEqual(['key', 'key', 'key', 'attestation'])
  expect(parsed.slice(3).map(({ sha256 }) => sha256)).toEqual(hashes)
})

test('every tile has the hashes of the tree', async () => {
  const { size } = await checkpointAt(app.url)
  const read = nodeReaderOf((await entriesAt(app.url, size)).map(leafHash))
  for (const level of [0, 1])
    for (let index = 0; widthIn(size, { level, index }) > 0; index++) {
      const width = widthIn(size, { level, index })
      const bytes = await bytesAt(`${app.url}/log/${tilePath({ level, index, width })}`)
      const expected = await Promise.all(
        Array.from({ length: width }, (_, n) => read({ level: 8 * level, index: 256 * index + n })),
      )
      expect(Buffer.from(bytes)).toEqual(Buffer.concat(expected))
    }
  const older = await bytesAt(`${app.url}/log/tile/0/002.p/7`)
  expect(older).toHaveLength(7 * 32)
  for (const path of ['tile/0/003', 'tile/0/002', 'tile/1/000', 'tile/2/000.p/1', 'tile/entries/002.p/92'])
    expect((await fetch(`${app.url}/log/${path}`)).status, path).toBe(404)
  for (const path of ['tile/0/2', 'tile/x', 'tile/0/000.p/256'])
    expect((await fetch(`${app.url}/log/${path}`)).status, path).toBe(400)
  expect((await fetch(`${app.url}/log/2/checkpoint`)).status).toBe(404)
})

test('a proof shows that a statement is in the log', async () => {
  const { size, root } = await checkpointAt(app.url)
  for (const sha256 of [hashes[0], hashes[255], hashes[599]]) {
    const proof = parseProof(await (await fetch(`${app.url}/log/proof/${sha256}`)).text())
    const entry = parseEntry(proof.extra ?? new Uint8Array())
    expect(entry).toMatchObject({ kind: 'attestation', sha256 })
    const leaf = leafHash(proof.extra ?? new Uint8Array())
    const computed = await rootByInclusion(digest, { leaf, index: proof.index, size, proof: proof.hashes })
    expect(Buffer.from(computed)).toEqual(Buffer.from(root))
  }
  expect((await fetch(`${app.url}/log/proof/${'0'.repeat(64)}`)).status).toBe(404)
  expect((await fetch(`${app.url}/log/proof/x`)).status).toBe(400)
})

test('older states of the log are beginnings of newer ones', async () => {
  const { size, root } = await checkpointAt(app.url)
  const { db } = app.deps
  for (const from of [1, 3, 255, 256, 257, 512, 602]) {
    const proof = await hashRanges(consistencyRanges(from, size), tileNodeReader(db, 1, size))
    const old = { size: from, root: await rootAt(db, 1, from) }
    expect(await isConsistent(digest, old, { size, root }, proof)).toBe(true)
  }
})

test('a check reads the whole log, and finds what was changed', async () => {
  const { deps } = app
  const head = await newestHead(deps.db)
  if (!head) throw new Error('the site has no log')
  expect(await verifyLog(deps, head)).toEqual({ entryCount: 603, envelopeCount: 600, problems: [] })
  expect(await verifyLog(deps, { ...head, edge: new Uint8Array() })).toMatchObject({
    problems: ['the stored edge is wrong'],
  })
  const entry = { log_index: { log: 1, index: 5 } }
  const { entry: before } = await deps.db.logEntry.findUniqueOrThrow({ where: entry })
  const write = (text: string) =>
    deps.writer.transact([], (tx) => tx.logEntry.update({ where: entry, data: { entry: text } }))
  await write(before.replace('"time":', '"time":1'))
  expect((await verifyLog(deps, head)).problems).toEqual([
    'the hash of the entry 5 is wrong',
    'the signed root is not that of the entries',
    'the stored edge is wrong',
  ])
  await write(before)
})

test('revocations, rotations and removals are logged', async () => {
  const { deps, url } = await site()
  const [removed = ''] = await state({ deps } as TestApp, 2)
  await deps.transparency.sequence()
  await rotateKey(deps, act, 'SIGSTORE')
  const { sha256: keyId } = await deps.db.signingKey.findFirstOrThrow({
    where: { purpose: 'ATTEST', retiredAt: null },
  })
  await revokeKey(deps, act, keyId, { since: new Date('2026-11-10T00:00:00Z'), reason: 'stolen' })
  await deps.writer.transact(['builds'], (tx) =>
    tx.attestation.deleteMany({ where: { envelopeSha256: removed } }),
  )
  await deps.transparency.sequence()
  const { size } = await checkpointAt(url)
  const entries = (await entriesAt(url, size)).map(parseEntry)
  expect(entries.slice(5).map(({ kind }) => kind)).toEqual(['revocation', 'key', 'key', 'removal'])
  expect(entries[5]).toMatchObject({ sha256: keyId, since: Date.UTC(2026, 10, 10) / 1000 })
  expect(entries[8]).toMatchObject({ sha256: removed, keyid: keyId })
  const head = await newestHead(deps.db)
  expect(head && (await verifyLog(deps, head)).problems).toEqual([])
})

test('a database that is older than its published log refuses to go on, and says how to', async () => {
  const { deps, url } = await site()
  const { config, db } = deps
  await state({ deps } as TestApp, 3)
  const older = await newestHead(db)
  await deps.transparency.sequence()
  const published = readFileSync(headFile(config.dataDir), 'utf8')
  // As the database was before.
  await deps.writer.transact([], async (tx) => {
    await tx.logEntry.deleteMany({ where: { index: { gte: older?.size ?? 0 } } })
    if (older) await tx.logHead.update({ where: { number: 1 }, data: older })
  })
  const again = createTransparencyLog(deps)
  onTestFinished(() => again.close())
  await again.sequence()
  expect(again.published()).toBeNull()
  expect(again.refusal()).toMatch(
    /^the log is not continued, because the database is older than its published log: it has 3 entries, and 6 were published\. .*hub log reset --new-origin/,
  )
  expect(readFileSync(headFile(config.dataDir), 'utf8')).toBe(published)
  expect((await newestHead(db))?.size).toBe(3)
  expect(await checkLog(db, config)).toMatchObject([{ level: 'problem' }])

  expect(await resetLog(deps, act)).toBe('hub.example/log/2')
  await deps.transparency.sequence()
  const { origin, size } = await checkpointAt(url, '/log/2')
  expect([origin, size]).toEqual(['hub.example/log/2', 7])
  const entries = (await entriesAt(url, size, '/log/2')).map(parseEntry)
  const root = Buffer.from(JSON.parse(published).checkpoint.split('\n')[2], 'base64').toString('hex')
  expect(entries[0]).toMatchObject({ kind: 'reset', sha256: root } satisfies Partial<LogEntry>)
  expect(entries.slice(1).map(({ kind }) => kind)).toEqual([
    ...Array<string>(3).fill('key'),
    ...Array<string>(3).fill('attestation'),
  ])
  // The old one stays readable.
  expect(parseCheckpoint(await (await fetch(`${url}/log/checkpoint`)).text()).size).toBe(3)
  expect(await checkLog(db, config)).toMatchObject([{ level: 'ok' }])
})

test('a missing, damaged or foreign record of what was published stops the log', async () => {
  const { deps } = await site()
  const file = headFile(deps.config.dataDir)
  const published = readFileSync(file, 'utf8')
  const refusal = async (text: string | null) => {
    if (text === null) rmSync(file)
    else writeFileSync(file, text)
    const again = createTransparencyLog(deps)
    await again.sequence()
    return again.refusal()
  }
  expect(await refusal(null)).toContain(`${file} is missing`)
  const [, size = '', root = ''] = JSON.parse(published).checkpoint.split('\n')
  const other = JSON.stringify({ log: 1, checkpoint: `x\n${size}\n${root.replace(/^../, 'AA')}\n` })
  expect(await refusal(other)).toContain('its first 3 entries are not those that were published')
  expect(await refusal(JSON.stringify({ log: 2, checkpoint: null }))).toContain('is the 2th of this site')
  await expect(refusal('{}')).rejects.toThrow('is damaged')
  // A crash between the commit and the record.
  const [first] = await state({ deps } as TestApp, 1)
  writeFileSync(file, published)
  expect(first).toBeDefined()
  expect(await refusal(published)).toBeNull()
  expect(JSON.parse(readFileSync(file, 'utf8')).checkpoint.split('\n')[1]).toBe('4')
})

test('commands beside a server that publishes meanwhile do not take its log for an older one', async () => {
  const { deps } = await site()
  const { config, db } = deps
  // As soon as the state of the log is read, a statement more is published.
  const read = db.logHead.findFirst.bind(db.logHead)
  const logHead = {
    ...db.logHead,
    async findFirst(args: Parameters<typeof read>[0]) {
      const head = await read(args)
      await state({ deps } as TestApp, 1)
      await deps.transparency.sequence()
      return head
    },
  }
  const meanwhile = new Proxy(db, {
    get: (target, name, receiver) => (name === 'logHead' ? logHead : Reflect.get(target, name, receiver)),
  })
  expect(await checkLog(meanwhile, config)).toMatchObject([{ level: 'ok' }])
})
