import { createPrivateKey, randomBytes, type KeyObject } from 'node:crypto'
import { closeSync, fsyncSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs'
import { link, mkdir, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncPath } from '../blobs/durable-files.ts'
import { errorCode } from '../blobs/storage-full.ts'
import { DomainError } from '../errors.ts'
import { algorithmOf, keyIdOf } from '../formats/signing/keys.ts'
import { algorithms, makeKey, type KeyPurpose } from './key-purpose.ts'

/** A private key cannot be used. The message names its file, and says what to do. */
export class KeyFileError extends DomainError {
  override readonly name = 'KeyFileError'
}

/** The file of a private key in a data directory: PKCS #8 in PEM, for its owner alone. */
export const keyFile = (dataDir: string, purpose: KeyPurpose): string =>
  join(dataDir, 'keys', `${purpose.toLowerCase()}.pem`)

/** Where a rotation keeps the new key until the database has it. */
export const nextKeyFile = (dataDir: string, purpose: KeyPurpose): string =>
  join(dataDir, 'keys', `${purpose.toLowerCase()}.next.pem`)

/** Where `--keep` leaves a key that was replaced. */
export const keptKeyFile = (dataDir: string, purpose: KeyPurpose, key: KeyObject): string =>
  join(dataDir, 'keys', `${purpose.toLowerCase()}.${keyIdOf(key).slice(0, 8)}.pem`)

/** Reads a private key; null: there is no such file. Throws KeyFileError. */
export function readKeyFile(file: string, purpose: KeyPurpose): KeyObject | null {
  let descriptor
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
  try {
    const { mode } = fstatSync(descriptor)
    if ((mode & 0o077) !== 0)
      throw new KeyFileError(`other users can read the private key ${file}: run "chmod 600 ${file}"`)
    return checkedKey(readFileSync(descriptor, 'utf8'), file, purpose)
  } finally {
    closeSync(descriptor)
  }
}

/** The key in a file; a new one if there is none. Of several processes that make it at once, one wins. */
export async function readOrMakeKey(file: string, purpose: KeyPurpose): Promise<KeyObject> {
  const known = readKeyFile(file, purpose)
  if (known) return known
  const own = `${file}.${randomBytes(6).toString('hex')}.partial`
  await writeKeyFile(own, await makeKey(purpose))
  try {
    await link(own, file)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  } finally {
    await unlink(own)
  }
  await syncPath(dirname(file))
  const made = readKeyFile(file, purpose)
  if (!made) throw new KeyFileError(`the private key ${file} was removed just now: start again`)
  return made
}

/** Writes a file that is not there yet, durably. */
export async function writeKeyFile(file: string, key: KeyObject): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    writeSync(descriptor, key.export({ type: 'pkcs8', format: 'pem' }).toString())
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  await syncPath(dirname(file))
}

export async function moveKeyFile(from: string, to: string): Promise<void> {
  await rename(from, to)
  await syncPath(dirname(to))
}

function checkedKey(pem: string, file: string, purpose: KeyPurpose): KeyObject {
  const wanted = algorithms[purpose] === 'P256' ? 'a key of the curve P-256' : 'an Ed25519 key'
  try {
    const key = createPrivateKey(pem)
    if (algorithmOf(key) === algorithms[purpose]) return key
  } catch {
    // Not a key at all: the same advice.
  }
  throw new KeyFileError(`${file} is not ${wanted} in PEM (PKCS #8): bring back the right file`)
}
