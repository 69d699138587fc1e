import { createHash } from 'node:crypto'
import { toBlobId, type BlobStore } from '../blobs/blob-store.ts'
import type { Reader } from '../database/reader.ts'
import { MalformedError } from '../errors.ts'
import { verifyNote } from '../formats/signing/signed-note.ts'
import { parseCheckpoint } from '../formats/tlog/checkpoint.ts'
import { parseEntry } from '../formats/tlog/log-entry.ts'
import { appendLeaf, leafHash, rootOf, type Edge } from '../formats/tlog/merkle.ts'
import { areEqual } from '../formats/tlog/verify-proof.ts'
import type { LogHead } from '../generated/prisma/client.ts'
import { listKeys, publicKeyOf } from '../signing/list-keys.ts'
import { splitHashes, toHex } from './log-head.ts'

const entriesAtOnce = 1_000

/** What is wrong with a log, found while it was read: a line for each. */
export type LogReport = { entryCount: number; envelopeCount: number; problems: string[] }

/**
 * Reads a log of the site from its first entry: every hash, the root, the signature, and every envelope that the log names and that was not
 * removed.
 */
export async function verifyLog(
  { db, blobs }: { db: Reader; blobs: Pick<BlobStore, 'open'> },
  head: LogHead,
): Promise<LogReport> {
  const report: LogReport = { entryCount: 0, envelopeCount: 0, problems: [] }
  let edge: Edge = []
  for (let from = 0; from < head.size; from += entriesAtOnce) {
    const entries = await db.logEntry.findMany({
      where: { log: head.number, index: { gte: from, lt: Math.min(head.size, from + entriesAtOnce) } },
      orderBy: { index: 'asc' },
    })
    for (const { index, entry, leafSha256, sha256 } of entries) {
      if (index !== report.entryCount) {
        report.problems.push(`the entry ${report.entryCount} is missing`)
        return report
      }
      const bytes = Buffer.from(entry)
      const leaf = leafHash(bytes)
      if (toHex(leaf) !== leafSha256) report.problems.push(`the hash of the entry ${index} is wrong`)
      const fault = faultOfEntry(bytes, sha256)
      if (fault !== null) report.problems.push(`the entry ${index} ${fault}`)
      edge = appendLeaf(edge, report.entryCount++, leaf)
    }
    if (entries.length === 0) break
    await checkEnvelopes({ db, blobs }, head.number, entries, report)
  }
  if (report.entryCount < head.size)
    report.problems.push(`the log has ${report.entryCount} entries in place of ${head.size}`)
  report.problems.push(...(await faultsOfHead(db, head, edge)))
  return report
}

function faultOfEntry(bytes: Uint8Array, sha256: string): string | null {
  try {
    return parseEntry(bytes).sha256 === sha256 ? null : 'is about another hash than its row says'
  } catch (error) {
    if (error instanceof MalformedError) return `is not one: ${error.message}`
    throw error
  }
}

async function faultsOfHead(db: Reader, head: LogHead, edge: Edge): Promise<string[]> {
  if (head.note === null) return head.size === 0 ? [] : ['the log has no signed checkpoint']
  const keys = (await listKeys(db, 'LOG')).map((key) => ({ name: head.origin, key: publicKeyOf(key) }))
  try {
    const { text, signers } = verifyNote(head.note, keys)
    const { origin, size, root } = parseCheckpoint(text)
    return [
      ...(signers.length === 0 ? ['no key of the site has signed the checkpoint'] : []),
      ...(origin !== head.origin || size !== head.size ? ['the checkpoint is of another log, or size'] : []),
      ...(areEqual(root, rootOf(edge)) ? [] : ['the signed root is not that of the entries']),
      ...(areEqual(rootOf(splitHashes(head.edge)), rootOf(edge)) ? [] : ['the stored edge is wrong']),
    ]
  } catch (error) {
    if (error instanceof MalformedError) return [error.message]
    throw error
  }
}

/** Every envelope has to be there, as it was logged, unless the log says that it was removed, or will say so soon. */
async function checkEnvelopes(
  { db, blobs }: { db: Reader; blobs: Pick<BlobStore, 'open'> },
  log: number,
  entries: readonly { index: number; kind: string; sha256: string }[],
  report: LogReport,
): Promise<void> {
  const logged = entries.filter(({ kind }) => kind === 'attestation')
  const hashes = logged.map(({ sha256 }) => sha256)
  const rows = [
    ...(await db.logEntry.findMany({
      where: { log, kind: 'removal', sha256: { in: hashes } },
      select: { sha256: true },
    })),
    ...(await db.logRemoval.findMany({ where: { sha256: { in: hashes } }, select: { sha256: true } })),
  ]
  const removed = new Set(rows.map(({ sha256 }) => sha256))
  for (const { index, sha256 } of logged.filter((entry) => !removed.has(entry.sha256))) {
    report.envelopeCount++
    const content = await blobs.open(toBlobId(sha256))
    if (!content) {
      report.problems.push(`the statement ${sha256} of the entry ${index} is missing`)
      continue
    }
    const hash = createHash('sha256')
    for await (const chunk of content) hash.update(chunk as Uint8Array)
    if (hash.digest('hex') !== sha256)
      report.problems.push(`the statement ${sha256} of the entry ${index} is damaged`)
  }
}
