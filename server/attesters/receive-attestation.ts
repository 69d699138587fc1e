import { createHash, type KeyObject } from 'node:crypto'
import { inOnePiece } from '../blobs/in-one-piece.ts'
import type { Deps } from '../deps.ts'
import { uuidOfText } from '../derived-uuid.ts'
import { DomainError } from '../errors.ts'
import { parsePublicPem } from '../formats/signing/keys.ts'
import type { TrustedKey } from '../generated/prisma/client.ts'
import { judgeTask } from '../policy/judge-task.ts'
import { enqueue } from '../runner/enqueue.ts'
import { deleteUnreferenced } from '../storage/delete-unreferenced.ts'
import { readReferenceMark } from '../storage/find-references.ts'
import { isHinted, readForeign, type ForeignStatement } from './read-foreign.ts'

/** No registered key has signed the statement. */
export class UnknownKeyError extends DomainError {
  override readonly name = 'UnknownKeyError'
}
/** The key that has signed the statement was revoked. */
export class KeyRevokedError extends DomainError {
  override readonly name = 'KeyRevokedError'
}
/** The statement is about nothing that this site knows. */
export class UnknownSubjectError extends DomainError {
  override readonly name = 'UnknownSubjectError'
}

type ReceiveDeps = Pick<Deps, 'blobs' | 'clock' | 'db' | 'writer'>

/** Keys that are tried if no signature names one: each costs a verification. */
const maxTriedKeys = 50
/** Outputs of one statement that are judged again. */
const maxJudged = 50

/**
 * Receives a statement of a third party: a DSSE envelope or a link. A statement that is known already is stored once. Throws MalformedError,
 * UnknownKeyError, KeyRevokedError, UnknownSubjectError.
 */
export async function receiveAttestation(
  deps: ReceiveDeps,
  bytes: Uint8Array,
): Promise<{ uuid: string; isNew: boolean }> {
  const { blobs, clock, db, writer } = deps
  const statement = readForeign(bytes)
  const signers = await findSigners(db, statement)
  const envelope = Buffer.from(statement.text)
  const envelopeSha256 = createHash('sha256').update(envelope).digest('hex')
  const rows = signers.map(({ id, sha256 }) => ({
    uuid: uuidOfText(`${envelopeSha256} ${sha256}`),
    trustedKeyId: id,
  }))
  const known = await db.attestation.findMany({
    where: { uuid: { in: rows.map(({ uuid }) => uuid) } },
    select: { uuid: true },
  })
  const missing = rows.filter(({ uuid }) => !known.some((one) => one.uuid === uuid))
  const [first] = rows
  if (missing.length === 0) return { uuid: first?.uuid ?? '', isNew: false }
  const judged = await findKnownOutputs(db, statement)
  const now = clock.now()
  const mark = await readReferenceMark(db)
  const staged = [await blobs.stage(inOnePiece(envelope))]
  try {
    await blobs.commit(staged)
    await writer.transact(['facts', 'tasks'], async (tx) => {
      await blobs.restore(staged)
      for (const row of missing)
        await tx.attestation.create({
          data: {
            ...{ ...row, origin: 'THIRD_PARTY', format: statement.format, claim: statement.claim },
            ...{ predicateType: statement.predicateType, inputId: statement.inputId, envelopeSha256 },
            ...{ envelopeSizeBytes: envelope.length, statedAt: now },
            subjects: { create: statement.subjects },
          },
          select: { id: true },
        })
      await enqueue(tx, judged.slice(0, maxJudged).map(judgeTask), now)
    })
  } catch (error) {
    await deleteUnreferenced({ blobs, writer }, blobs.createdBy(staged), mark)
    throw error
  } finally {
    await blobs.discard(staged)
  }
  return { uuid: missing[0]?.uuid ?? '', isNew: true }
}

/** The registered keys that have signed, without those that were revoked. Throws UnknownKeyError, KeyRevokedError. */
async function findSigners(db: ReceiveDeps['db'], statement: ForeignStatement): Promise<TrustedKey[]> {
  const rows = await db.trustedKey.findMany({ orderBy: { id: 'asc' } })
  const keys = rows.map((row): { row: TrustedKey; key: KeyObject } => ({
    row,
    key: parsePublicPem(row.publicKey),
  }))
  const hinted = keys.filter(({ key }) => isHinted(statement, key))
  const tried = hinted.length > 0 ? hinted : keys.slice(0, maxTriedKeys)
  const signing = statement.signersAmong(tried.map(({ key }) => key))
  const signers = tried.filter(({ key }) => signing.includes(key)).map(({ row }) => row)
  if (signers.length === 0)
    throw new UnknownKeyError(
      'no key that is registered here has signed this: register the key first, by "hub attest register"',
    )
  const good = signers.filter(({ revokedAt }) => revokedAt === null)
  if (good.length === 0) throw new KeyRevokedError(`the key ${signers[0]?.sha256} was revoked`)
  return good
}

/** The outputs that a statement is about, and those that its inputs gave. Throws UnknownSubjectError if there is none of either. */
async function findKnownOutputs(
  db: ReceiveDeps['db'],
  { inputId, subjects }: ForeignStatement,
): Promise<string[]> {
  const hashes = subjects.map(({ sha256 }) => sha256)
  const ofInput =
    inputId === null
      ? []
      : await db.build.findMany({
          where: { inputId, mainBinarySha256: { not: null } },
          distinct: ['mainBinarySha256'],
          take: maxJudged,
          select: { mainBinarySha256: true },
        })
  const outputs = await db.output.findMany({ where: { sha256: { in: hashes } }, select: { sha256: true } })
  const found = new Set([
    ...outputs.map(({ sha256 }) => sha256),
    ...ofInput.flatMap(({ mainBinarySha256 }) => mainBinarySha256 ?? []),
  ])
  if (found.size > 0) return [...found]
  const artifact = await db.artifact.findFirst({ where: { sha256: { in: hashes } }, select: { id: true } })
  if (!artifact)
    throw new UnknownSubjectError('no file that the statement names is known here: upload the build first')
  return []
}
