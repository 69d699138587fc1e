import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { syncPath, writeDurably } from '../blobs/durable-files.ts'
import { errorCode } from '../blobs/storage-full.ts'
import { DomainError } from '../errors.ts'
import { fingerprintOf, openPgpKey, type OpenPgpKey } from '../formats/openpgp.ts'

/** A rotation of the keys has begun already, or has not begun. */
export class KeyRotationError extends DomainError {
  override readonly name = 'KeyRotationError'
}

const StoredKey = z.strictObject({ createdAt: z.iso.datetime(), privateKey: z.string() })
const StoredKeys = z.strictObject({
  userId: z.string(),
  /** The newest last. More than one: clients are being told of the last one. */
  openpgp: z.array(StoredKey).min(1),
  rsa: z.array(StoredKey).min(1),
})
type StoredKeys = z.infer<typeof StoredKeys>

/** The keys of all repositories of a site, the newest last: OpenPGP keys for apt, RSA keys for pkg. */
export type RepositoryKeys = { openpgp: readonly OpenPgpKey[]; rsa: readonly KeyObject[] }

export const repositoryKeysFile = (dataDir: string): string => join(dataDir, 'keys/repositories.json')

/** The user id of the key, which `apt` shows in errors. */
const userId = 'Builder Hub package repositories'
/** As strong as Ed25519: 128 bits. Source: NIST SP 800-57, table 2. */
const rsaBits = 3_072

const generate = promisify(generateKeyPair)

/**
 * The keys that sign. They are made when they are first needed, for their owner alone, and are in no backup. Of several processes that make
 * them at once, one wins. Throws if the file was changed into something else.
 */
export async function repositoryKeys(dataDir: string, now: Date): Promise<RepositoryKeys> {
  return keysOf(await storedKeys(dataDir, now))
}

/** The same without making them; null: there are none yet. */
export function existingRepositoryKeys(dataDir: string): RepositoryKeys | null {
  const stored = readIfThere(repositoryKeysFile(dataDir))
  return stored && keysOf(stored)
}

/** Adds a new key of each kind: everything is signed by both, until the rotation ends. Throws KeyRotationError. */
export async function beginKeyRotation(dataDir: string, now: Date): Promise<RepositoryKeys> {
  const stored = await storedKeys(dataDir, now)
  if (stored.openpgp.length > 1)
    throw new KeyRotationError('there is a new key already: end its rotation first, with --finish')
  const made = await makeKeys(now)
  const both = {
    ...stored,
    openpgp: [...stored.openpgp, ...made.openpgp],
    rsa: [...stored.rsa, ...made.rsa],
  }
  await writeKeys(repositoryKeysFile(dataDir), both)
  return keysOf(both)
}

/** Forgets all keys but the newest. Throws KeyRotationError. */
export async function endKeyRotation(dataDir: string, now: Date): Promise<RepositoryKeys> {
  const stored = await storedKeys(dataDir, now)
  if (stored.openpgp.length === 1) throw new KeyRotationError('there is one key only: begin a rotation first')
  const newest = { ...stored, openpgp: stored.openpgp.slice(-1), rsa: stored.rsa.slice(-1) }
  await writeKeys(repositoryKeysFile(dataDir), newest)
  return keysOf(newest)
}

export const openPgpFingerprints = ({ openpgp }: RepositoryKeys): string[] => openpgp.map(fingerprintOf)

/** The public key of a key of pkg, in PEM: what its fingerprint is of. */
export const rsaPublicKey = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()

/** SHA-256 of the file with the public key, as in `/usr/local/etc/pkg/fingerprints/NAME/trusted/`. Source: pkg_repo_check_fingerprint. */
export const rsaFingerprint = (key: KeyObject): string =>
  createHash('sha256').update(rsaPublicKey(key)).digest('hex')

/** pkg signs the hexadecimal digits of the SHA-256, not the content. Source: ossl_verify_cert of libpkg/pkgsign_ossl.c. */
export function signForPkg(key: KeyObject, content: Uint8Array): Buffer {
  const digits = createHash('sha256').update(content).digest('hex')
  return sign('RSA-SHA256', Buffer.from(digits), key)
}

async function storedKeys(dataDir: string, now: Date): Promise<StoredKeys> {
  const file = repositoryKeysFile(dataDir)
  const known = readIfThere(file)
  if (known) return known
  const own = `${file}.${randomBytes(6).toString('hex')}`
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  await writeKeys(own, await makeKeys(now))
  try {
    linkSync(own, file)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  } finally {
    unlinkSync(own)
  }
  await syncPath(dirname(file))
  const made = readIfThere(file)
  if (!made) throw new Error(`${file} is gone`)
  return made
}

async function makeKeys(now: Date): Promise<StoredKeys> {
  const [openpgp, rsa] = await Promise.all([
    generate('ed25519', {}),
    generate('rsa', { modulusLength: rsaBits }),
  ])
  // Seconds: the fingerprint is over them.
  const createdAt = new Date(Math.floor(now.getTime() / 1_000) * 1_000).toISOString()
  const stored = ({ privateKey }: { privateKey: KeyObject }) => [
    { createdAt, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
  ]
  return { userId, openpgp: stored(openpgp), rsa: stored(rsa) }
}

const writeKeys = (file: string, keys: StoredKeys) => writeDurably(file, JSON.stringify(keys, null, 2))

function readIfThere(file: string): StoredKeys | null {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
  const parsed = StoredKeys.safeParse(JSON.parse(text))
  if (!parsed.success) throw new Error(`${file} is no file of keys: bring back the right one`)
  return parsed.data
}

const keysOf = (stored: StoredKeys): RepositoryKeys => ({
  openpgp: stored.openpgp.map(({ privateKey, createdAt }) =>
    openPgpKey(privateKey, new Date(createdAt), stored.userId),
  ),
  rsa: stored.rsa.map(({ privateKey }) => createPrivateKey(privateKey)),
})
