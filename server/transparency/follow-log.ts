import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { writeDurably } from '../blobs/durable-files.ts'
import { errorCode } from '../blobs/storage-full.ts'
import type { Reader } from '../database/reader.ts'
import { DomainError } from '../errors.ts'
import { isAbout, readStatements } from '../formats/signing/read-statements.ts'
import { parseVerifierKey, verifyNote } from '../formats/signing/signed-note.ts'
import { predicateTypes } from '../formats/signing/statement.ts'
import { parseCheckpoint, type Checkpoint } from '../formats/tlog/checkpoint.ts'
import { parseEntry, type LogEntry } from '../formats/tlog/log-entry.ts'
import { appendLeaf, leafHash, rootOf, type Edge } from '../formats/tlog/merkle.ts'
import { parseBundle, tilePath, tileWidth, widthIn } from '../formats/tlog/tiles.ts'
import { areEqual } from '../formats/tlog/verify-proof.ts'
import { joinHashes, splitHashes } from './log-head.ts'

/** Another site has not answered with what a log has. */
export class LogUnreadableError extends DomainError {
  override readonly name = 'LogUnreadableError'
}

/** A log says something else than before: proof that its site cannot be trusted. */
export class LogForkedError extends DomainError {
  override readonly name = 'LogForkedError'
}

/** What is remembered of a log between two looks at it. */
const State = z.object({ verifierKey: z.string(), size: z.int().min(0), edge: z.string() })
type State = z.infer<typeof State>

/** Statements that a rebuild of an output gave another one. `sha256`: of the output, which this site has, too. */
export type Contradiction = { sha256: string; url: string; job: string }

export type Followed = { checkpoint: Checkpoint; newEntries: LogEntry[]; contradictions: Contradiction[] }

const maxBytes = 32 * 1024 ** 2

/** Reads from another site. Throws LogUnreadableError. */
export async function fetchBytes(url: string): Promise<Uint8Array> {
  let response
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(60_000) })
  } catch (error) {
    throw new LogUnreadableError(`${url} cannot be reached`, { cause: error })
  }
  if (!response.ok) throw new LogUnreadableError(`${url} answers ${response.status}: check the address`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (bytes.length > maxBytes) throw new LogUnreadableError(`${url} answers with more than 32 MiB`)
  return bytes
}

const textAt = async (url: string) => new TextDecoder().decode(await fetchBytes(url))

/**
 * Reads what was added to the log of a site since the last look: computes the root from the entries, and compares it with the signed one. So a
 * log that has changed what it said before is found out. The key of the first look counts from then on, unless one is given. Throws
 * LogForkedError, LogUnreadableError, MalformedError.
 */
export async function followLog(
  db: Reader | null,
  url: string,
  stateFile: string,
  verifierKey: string | null,
): Promise<Followed> {
  const known = await readState(stateFile)
  const vkey = verifierKey ?? known?.verifierKey ?? (await textAt(`${url}/keys/log.vkey`)).trim()
  const signer = parseVerifierKey(vkey)
  const base = `${url}/log${/\/log(\/\d+)$/.exec(signer.name)?.[1] ?? ''}`
  const { text, signers } = verifyNote(await textAt(`${base}/checkpoint`), [signer])
  if (signers.length === 0)
    throw new LogForkedError(
      `the checkpoint of ${url} is not signed by the key ${vkey}, which was there before`,
    )
  const checkpoint = parseCheckpoint(text)
  if (checkpoint.origin !== signer.name)
    throw new LogForkedError(`the checkpoint of ${url} is of another log: ${checkpoint.origin}`)
  const before = known ?? { size: 0, edge: '' }
  if (checkpoint.size < before.size)
    throw new LogForkedError(
      `the log of ${url} has ${checkpoint.size} entries, and had ${before.size}: entries were taken back`,
    )
  const bytes = await readNewEntries(base, before.size, checkpoint.size)
  let edge: Edge = splitHashes(Buffer.from(before.edge, 'base64'))
  for (const [n, entry] of bytes.entries()) edge = appendLeaf(edge, before.size + n, leafHash(entry))
  if (!areEqual(rootOf(edge), checkpoint.root))
    throw new LogForkedError(
      `the log of ${url} has another root than its entries: what it said before has changed. Keep ${stateFile}, it proves that`,
    )
  const newEntries = bytes.map(parseEntry)
  const contradictions = db ? await findContradictions(db, url, newEntries) : []
  const state: State = {
    ...{ verifierKey: vkey, size: checkpoint.size },
    edge: Buffer.from(joinHashes(edge)).toString('base64'),
  }
  await writeDurably(stateFile, `${JSON.stringify(state)}\n`)
  return { checkpoint, newEntries, contradictions }
}

async function readState(file: string): Promise<State | null> {
  try {
    return State.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw new LogUnreadableError(
      `${file} is no state of a followed log: bring it back, or name another file`,
      {
        cause: error,
      },
    )
  }
}

async function readNewEntries(base: string, from: number, to: number): Promise<Uint8Array[]> {
  const entries: Uint8Array[] = []
  for (let index = Math.floor(from / tileWidth); index * tileWidth < to; index++) {
    const tile = { level: 'entries', index, width: widthIn(to, { level: 'entries', index }) } as const
    const bundle = parseBundle(await fetchBytes(`${base}/${tilePath(tile)}`))
    if (bundle.length !== tile.width)
      throw new LogUnreadableError(`${base}/${tilePath(tile)} has ${bundle.length} entries`)
    entries.push(...bundle.slice(Math.max(0, from - index * tileWidth)))
  }
  return entries
}

/** Those new statements about main binaries of this site that say that a rebuild gave another file. */
async function findContradictions(
  db: Reader,
  url: string,
  entries: readonly LogEntry[],
): Promise<Contradiction[]> {
  const stated = entries.filter(({ kind }) => kind === 'attestation')
  const hashes = [...new Set(stated.flatMap(({ subjects }) => subjects))]
  const found: Contradiction[] = []
  for (let at = 0; at < hashes.length; at += 500) {
    const outputs = await db.build.findMany({
      where: { mainBinarySha256: { in: hashes.slice(at, at + 500) } },
      distinct: ['mainBinarySha256'],
      select: { mainBinarySha256: true, job: { select: { name: true } } },
    })
    for (const { mainBinarySha256: sha256, job } of outputs) {
      if (sha256 === null) continue
      const statements = readStatements(await textAt(`${url}/hash/${sha256}/attestations`))
      const isContradicted = statements.some(
        ({ statement }) =>
          statement.predicateType === predicateTypes.testResult && isAbout(statement, sha256),
      )
      if (isContradicted) found.push({ sha256, url: `${url}/hash/${sha256}/attestations`, job: job.name })
    }
  }
  return found
}
