import { unlink } from 'node:fs/promises'
import type { KeyObject } from 'node:crypto'
import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { errorCode } from '../blobs/storage-full.ts'
import type { Reader } from '../database/reader.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import { DomainError } from '../errors.ts'
import { printEnvelope } from '../formats/signing/dsse.ts'
import { keyIdOf, publicPem, signEnvelope } from '../formats/signing/keys.ts'
import { printTime } from './print-time.ts'
import { keptKeyFile, keyFile, moveKeyFile, nextKeyFile, writeKeyFile } from './key-files.ts'
import { makeKey, type KeyPurpose } from './key-purpose.ts'
import { rowOf, siteKeys, type SigningConfig, type SiteKey } from './site-keys.ts'

/** A key cannot be rotated or revoked. The message says what to do. */
export class KeyManagementError extends DomainError {
  override readonly name = 'KeyManagementError'
}

/** The payload type of an envelope in which a key names its successor. */
export const introductionType = 'application/vnd.builder-hub.key+json'

type Site = { config: SigningConfig; db: Reader; writer: Writer }

/**
 * Replaces a key: the old one signs the id of the new one, so that whoever trusts the old one can go on. Its private half is deleted, or,
 * with `isKept`, left in a file of its own. Returns the new key id. Throws KeyManagementError, KeyFileError.
 */
export async function rotateKey(
  site: Site,
  act: Act,
  purpose: KeyPurpose,
  { isKept = false }: { isKept?: boolean } = {},
): Promise<string> {
  const old = await currentKey(site, purpose, act.at)
  const next = await stageNextKey(site.config.dataDir, purpose)
  await site.writer.transact(['facts'], async (tx) => {
    const introduction = introduce(old.privateKey, next, purpose, act.at)
    await tx.signingKey.create({ data: { ...rowOf(purpose, next, act.at), introduction } })
    await tx.signingKey.update({ where: { id: old.id }, data: { retiredAt: act.at } })
    const detail = { purpose, newKey: keyIdOf(next), isKept }
    await recordAudit(tx, { ...act, action: 'key.rotate', target: keyIdOf(old.privateKey), detail })
  })
  await replaceFile(site.config.dataDir, purpose, old.privateKey, isKept)
  return keyIdOf(next)
}

/**
 * Says that others may have signed with a key since a time. Of a key that the site signs with, a new one takes the place, which the old one
 * does not introduce. Throws KeyManagementError, KeyFileError.
 */
export async function revokeKey(
  site: Site,
  act: Act,
  keyId: string,
  { since, reason }: { since: Date; reason: string },
): Promise<{ newKeyId: string | null }> {
  const row = await site.db.signingKey.findUnique({ where: { sha256: keyId } })
  if (!row) throw new KeyManagementError(`the site has had no key ${keyId}: see "hub key list"`)
  if (row.revokedAt !== null) throw new KeyManagementError(`the key ${keyId} is revoked already`)
  if (since > act.at) throw new KeyManagementError('--since is in the future')
  const purpose = row.purpose as KeyPurpose
  const revoked = { revokedAt: act.at, revokedSince: since, revokedFor: reason }
  const record = async (tx: Transaction, newKey: string | null) => {
    const detail = { purpose, since: since.toISOString(), reason, newKey }
    await recordAudit(tx, { ...act, action: 'key.revoke', target: keyId, detail })
  }
  const current = row.retiredAt === null ? await currentKey(site, purpose, act.at) : null
  if (!current || keyIdOf(current.privateKey) !== keyId) {
    await site.writer.transact(['facts'], async (tx) => {
      await tx.signingKey.update({
        where: { id: row.id },
        data: { retiredAt: row.retiredAt ?? act.at, ...revoked },
      })
      await record(tx, null)
    })
    return { newKeyId: null }
  }
  const next = await stageNextKey(site.config.dataDir, purpose)
  await site.writer.transact(['facts'], async (tx) => {
    await tx.signingKey.create({ data: rowOf(purpose, next, act.at) })
    await tx.signingKey.update({ where: { id: row.id }, data: { retiredAt: act.at, ...revoked } })
    await record(tx, keyIdOf(next))
  })
  await replaceFile(site.config.dataDir, purpose, current.privateKey, false)
  return { newKeyId: keyIdOf(next) }
}

async function currentKey(site: Site, purpose: KeyPurpose, now: Date): Promise<SiteKey> {
  if (purpose === 'ATTEST' && site.config.signingKey !== '')
    throw new KeyManagementError(
      `the key is in ${site.config.signingKey}, which --signing-key names: name a file with a new key there, and restart the server`,
    )
  const keys = await siteKeys(site, now)
  if (!keys) throw new KeyManagementError('the site signs nothing: --signing is off')
  if (purpose === 'WITNESS')
    throw new KeyManagementError(
      'the key of a witness is not replaced: remove its file, and tell the logs that it watches',
    )
  return keys[purpose]
}

/** A new key in its file beside the current one. What an interrupted rotation has left there was never used. */
async function stageNextKey(dataDir: string, purpose: KeyPurpose): Promise<KeyObject> {
  const file = nextKeyFile(dataDir, purpose)
  await unlink(file).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error
  })
  const key = await makeKey(purpose)
  await writeKeyFile(file, key)
  return key
}

async function replaceFile(
  dataDir: string,
  purpose: KeyPurpose,
  old: KeyObject,
  isKept: boolean,
): Promise<void> {
  if (isKept) await moveKeyFile(keyFile(dataDir, purpose), keptKeyFile(dataDir, purpose, old))
  await moveKeyFile(nextKeyFile(dataDir, purpose), keyFile(dataDir, purpose))
}

function introduce(old: KeyObject, next: KeyObject, purpose: KeyPurpose, at: Date): string {
  const body = JSON.stringify({
    ...{ version: 1, purpose, from: keyIdOf(old), to: keyIdOf(next) },
    ...{ publicKey: publicPem(next), time: printTime(at) },
  })
  return printEnvelope(signEnvelope(old, introductionType, new TextEncoder().encode(body)))
}
