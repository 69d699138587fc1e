import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import { parseNote, parseNoteSignature } from '../formats/signing/parse-note.ts'
import { printAddCheckpoint } from '../formats/tlog/add-checkpoint.ts'
import { verifyCosignature } from '../formats/tlog/cosignature.ts'
import { hashRanges } from '../formats/tlog/merkle.ts'
import { consistencyRanges } from '../formats/tlog/tree.ts'
import { tileNodeReader } from './read-tiles.ts'
import type { Published } from './transparency-log.ts'
import type { Witness } from './witnesses-file.ts'

/** A witness has not signed. */
export class WitnessError extends DomainError {
  override readonly name = 'WitnessError'
}

/** A witness has seen a log that this one does not continue: it must not grow. */
export class WitnessContradictsError extends DomainError {
  override readonly name = 'WitnessContradictsError'
}

type AskDeps = Pick<Deps, 'db' | 'fetch' | 'writer'>

/** Lets a witness sign the published checkpoint, and stores its signature. Throws WitnessError, WitnessContradictsError, errors of the network. */
export async function askWitness(
  deps: AskDeps,
  published: Published,
  { signer, url }: Witness,
): Promise<void> {
  const { db, writer } = deps
  const { number: log, size } = published
  const where = { log_witness: { log, witness: signer.name } }
  const seen = await db.logCosignature.findUnique({ where })
  if (seen?.size === size) return
  let answer = await send(deps, published, url, seen?.size ?? 0)
  if (answer.status === 409) {
    const theirs = Number((await answer.text()).trim())
    if (!Number.isSafeInteger(theirs)) throw new WitnessError(`${url} names no size`)
    if (theirs > size)
      throw new WitnessContradictsError(
        `the witness ${signer.name} has seen ${theirs} entries of this log, and it has ${size}: the database is older than its published log`,
      )
    answer = await send(deps, published, url, theirs)
  }
  const text = await answer.text()
  if (answer.status === 422)
    throw new WitnessContradictsError(
      `the witness ${signer.name} has seen another log of this name: ${text.trim()}`,
    )
  if (answer.status !== 200)
    throw new WitnessError(
      `the witness ${signer.name} answers ${answer.status}: ${text.trim().slice(0, 200)}`,
    )
  const signed = parseNote(published.note).text
  for (const line of text.trim().split('\n')) {
    const time = verifyCosignature(signer, signed, parseNoteSignature(line))
    if (time === null) continue
    const data = { size, line, at: new Date(time * 1000) }
    await writer.transact([], (tx) =>
      tx.logCosignature.upsert({
        where,
        create: { log, witness: signer.name, ...data },
        update: data,
        select: { size: true },
      }),
    )
    return
  }
  throw new WitnessError(`the answer of the witness ${signer.name} has no signature of its key`)
}

async function send(
  { db, fetch }: AskDeps,
  published: Published,
  url: string,
  oldSize: number,
): Promise<Response> {
  const { number: log, size, note } = published
  const proof =
    oldSize > 0 && oldSize < size
      ? await hashRanges(consistencyRanges(oldSize, size), tileNodeReader(db, log, size))
      : []
  return fetch(`${url}/add-checkpoint`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    body: printAddCheckpoint({ oldSize, proof, note }),
  })
}
