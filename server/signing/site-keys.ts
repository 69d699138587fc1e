import type { KeyObject } from 'node:crypto'
import type { Config } from '../config.ts'
import type { Reader } from '../database/reader.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import { algorithmOf, keyIdOf, publicPem } from '../formats/signing/keys.ts'
import type { SigningKeyId } from '../ids.ts'
import { keyFile, moveKeyFile, nextKeyFile, readKeyFile, readOrMakeKey, KeyFileError } from './key-files.ts'
import { keyPurposes, type KeyPurpose, type SitePurpose } from './key-purpose.ts'

export type SigningConfig = Pick<Config, 'dataDir' | 'signing' | 'signingKey'>
type Site = { config: SigningConfig; db: Reader; writer: Writer }

/** A private key of the site, and its row. */
export type SiteKey = { privateKey: KeyObject; id: SigningKeyId }
export type SiteKeys = Record<SitePurpose, SiteKey>

/** The file with the key for a purpose: that of the operator, or the one that the site has made. */
export const fileOfKey = ({ dataDir, signingKey }: SigningConfig, purpose: KeyPurpose): string =>
  purpose === 'ATTEST' && signingKey !== '' ? signingKey : keyFile(dataDir, purpose)

/**
 * The keys that the site signs with; null: it signs nothing. They are made when they are first needed, and are in no backup. Their public
 * halves are rows. The files are read anew each time, because `hub key rotate` changes them while the server runs. Throws KeyFileError.
 */
export async function siteKeys(site: Site, now: Date): Promise<SiteKeys | null> {
  if (site.config.signing === 'off') return null
  const keys = await Promise.all(keyPurposes.map((purpose) => keyOf(site, purpose, now)))
  const [ATTEST, LOG, SIGSTORE] = keys
  if (!ATTEST || !LOG || !SIGSTORE) throw new Error('a purpose has no key')
  return { ATTEST, LOG, SIGSTORE }
}

/** The key with which this site signs what it has seen of other logs; null: it signs nothing. Made when it is first needed. Throws KeyFileError. */
export async function witnessKey(site: Site, now: Date): Promise<KeyObject | null> {
  return site.config.signing === 'off' ? null : (await keyOf(site, 'WITNESS', now)).privateKey
}

async function keyOf(site: Site, purpose: KeyPurpose, now: Date): Promise<SiteKey> {
  const file = fileOfKey(site.config, purpose)
  const isOperators = file !== keyFile(site.config.dataDir, purpose)
  const privateKey = isOperators ? readKeyFile(file, purpose) : await readOrMakeKey(file, purpose)
  if (!privateKey) throw new KeyFileError(`there is no file ${file}, which --signing-key names`)
  const row = await findRow(site.db, privateKey)
  if (!row) return { privateKey, id: await addRow(site.writer, purpose, privateKey, now) }
  if (row.retiredAt === null && row.revokedAt === null) return { privateKey, id: row.id }
  const next = isOperators ? null : await finishRotation(site, purpose)
  if (next) return next
  throw new KeyFileError(
    `the key in ${file} was replaced or revoked, and must not sign: ` +
      (isOperators ? 'name another one by --signing-key' : 'remove the file, and the server makes a new one'),
  )
}

/** A rotation was interrupted after its transaction: the new key waits beside the old one. */
async function finishRotation({ config, db }: Site, purpose: KeyPurpose): Promise<SiteKey | null> {
  const next = nextKeyFile(config.dataDir, purpose)
  const privateKey = readKeyFile(next, purpose)
  const row = privateKey && (await findRow(db, privateKey))
  if (!row) return null
  await moveKeyFile(next, keyFile(config.dataDir, purpose))
  return { privateKey, id: row.id }
}

function findRow(db: Reader | Transaction, key: KeyObject) {
  return db.signingKey.findUnique({
    where: { sha256: keyIdOf(key) },
    select: { id: true, retiredAt: true, revokedAt: true },
  })
}

function addRow(writer: Writer, purpose: KeyPurpose, key: KeyObject, now: Date): Promise<SigningKeyId> {
  return writer.transact(['facts'], async (tx) => {
    // Another server may have added it.
    const known = await findRow(tx, key)
    if (known) return known.id
    const { id } = await tx.signingKey.create({ data: rowOf(purpose, key, now), select: { id: true } })
    return id
  })
}

/** The row of a key. */
export const rowOf = (purpose: KeyPurpose, key: KeyObject, activeFrom: Date) => ({
  purpose,
  algorithm: algorithmOf(key),
  sha256: keyIdOf(key),
  publicKey: publicPem(key),
  activeFrom,
})
