import { recordAudit } from '../audit/record-audit.ts'
import type { Act } from '../audit/actor.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import type { Reader } from '../database/reader.ts'
import { DomainError, MalformedError } from '../errors.ts'
import { parseEnvelope } from '../formats/signing/dsse.ts'
import { algorithmOf, keyIdOf, parsePublicPem, publicPem, signersOf } from '../formats/signing/keys.ts'
import { asObject, asText, parseStrictJson } from '../formats/signing/strict-json.ts'
import type { UserId } from '../ids.ts'
import { judgeTask } from '../policy/judge-task.ts'
import { enqueue } from '../runner/enqueue.ts'

/** A key of a third party cannot be registered or revoked. The message says what to do. */
export class AttesterKeyError extends DomainError {
  override readonly name = 'AttesterKeyError'
}

/** The payload type of an envelope in which somebody shows that he has a private key. */
export const possessionType = 'application/vnd.builder-hub.possession+json'

const format = 'proof of possession'
const maxProofBytes = 10_000
const maxKeysOfUser = 20
/** Outputs of a revoked key that are judged again. */
const maxJudged = 10_000
/** A proof counts so long, by the time that it names. */
const proofMs = 10 * 60_000

/** What the envelope has as its body, so that it serves for nothing else: one site, one user, one key, now. */
export type Possession = { site: string; user: string; keyId: string; time: string }

export const printPossession = ({ site, user, keyId, time }: Possession): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify({ site, user, keyId, time }))

type NewKey = { name: string; publicKey: string; proof: string }

/**
 * Registers a key of a user: from now on its statements are received. `proof`: an envelope that the key has signed for this site and user within
 * the last minutes. Returns the id of the key. Throws AttesterKeyError, MalformedError.
 */
export async function registerKey(
  { db, writer }: { db: Reader; writer: Writer },
  act: Act,
  user: { id: UserId; name: string },
  site: string,
  { name, publicKey, proof }: NewKey,
): Promise<string> {
  if (!/^[^\p{Cc}]{1,100}$/u.test(name))
    throw new AttesterKeyError('a name has 1 to 100 characters, in one line')
  const key = parsePublicPem(publicKey)
  const keyId = keyIdOf(key)
  const algorithm = algorithmOf(key)
  checkProof(proof, publicKey, { site, user: user.name, keyId }, act.at)
  if (await db.trustedKey.findUnique({ where: { sha256: keyId } }))
    throw new AttesterKeyError(`the key ${keyId} is registered already`)
  if ((await db.trustedKey.count({ where: { userId: user.id } })) >= maxKeysOfUser)
    throw new AttesterKeyError(`a user has at most ${maxKeysOfUser} keys`)
  await writer.transact(['facts'], async (tx) => {
    await tx.trustedKey.create({
      data: { sha256: keyId, algorithm, publicKey: publicPem(key), name, userId: user.id, addedAt: act.at },
      select: { id: true },
    })
    await recordAudit(tx, { ...act, action: 'attester.register', target: keyId, detail: { name } })
  })
  return keyId
}

function checkProof(proof: string, publicKey: string, expected: Omit<Possession, 'time'>, now: Date): void {
  const envelope = parseEnvelope(Buffer.from(proof))
  if (envelope.payloadType !== possessionType)
    throw new MalformedError(format, 0, `payloadType is not ${possessionType}`)
  if (signersOf(envelope, [parsePublicPem(publicKey)]).length === 0)
    throw new AttesterKeyError('the private half of this key has not signed the proof')
  const body = asObject(parseStrictJson(envelope.body, format, maxProofBytes), format, 'it')
  const text = (name: string) => asText(body[name], format, name)
  for (const name of ['site', 'user', 'keyId'] as const)
    if (text(name) !== expected[name])
      throw new AttesterKeyError(`the proof is for the ${name} ${text(name)}, not for ${expected[name]}`)
  const at = Date.parse(text('time'))
  if (!(Math.abs(now.getTime() - at) <= proofMs))
    throw new AttesterKeyError('the proof is older than ten minutes, or a clock is wrong: make a new one')
}

/** Says that others may have signed with a key: its statements count no more. `user` null: any key. Throws AttesterKeyError. */
export async function revokeTrustedKey(
  { writer }: { writer: Writer },
  act: Act,
  keyId: string,
  { user, reason }: { user: { id: UserId } | null; reason: string },
): Promise<void> {
  await writer.transact(['facts', 'tasks'], async (tx: Transaction) => {
    const row = await tx.trustedKey.findUnique({ where: { sha256: keyId } })
    if (!row || (user !== null && row.userId !== user.id))
      throw new AttesterKeyError(`you have registered no key ${keyId}`)
    if (row.revokedAt !== null) throw new AttesterKeyError(`the key ${keyId} is revoked already`)
    const revoked = { revokedAt: act.at, revokedSince: act.at, revokedFor: reason.slice(0, 500) }
    await tx.trustedKey.updateMany({ where: { sha256: keyId }, data: revoked })
    await recordAudit(tx, { ...act, action: 'attester.revoke', target: keyId, detail: { reason } })
    // Whatever it has signed is judged again.
    const subjects = await tx.attestationSubject.findMany({
      where: { attestation: { trustedKeyId: row.id } },
      distinct: ['sha256'],
      take: maxJudged,
      select: { sha256: true },
    })
    await enqueue(
      tx,
      subjects.map(({ sha256 }) => judgeTask(sha256)),
      act.at,
    )
  })
}
