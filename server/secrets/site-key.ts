import { randomBytes } from 'node:crypto'
import {
  linkSync,
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { errorCode } from '../blobs/storage-full.ts'

const keyBytes = 32

/** The file of the key in a data directory. */
export const siteKeyFile = (dataDir: string): string => join(dataDir, 'keys/secrets.key')

/**
 * The key with which a site encrypts secrets in its database: 32 bytes. It is made when it is first needed, for its owner alone, and
 * is in no backup: whoever has a copy of the database has no secret. Throws if the file has another length.
 */
export function siteKey(dataDir: string): Buffer {
  const file = siteKeyFile(dataDir)
  const key = readIfThere(file) ?? makeKey(file)
  if (key.length !== keyBytes)
    throw new Error(`${file} has ${key.length} bytes instead of ${keyBytes}: bring back the right one`)
  return key
}

/** Of several processes that make it at once, one wins, and all read the same. */
function makeKey(file: string): Buffer {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const partial = `${file}.${randomBytes(6).toString('hex')}.partial`
  const descriptor = openSync(partial, 'wx', 0o600)
  try {
    writeSync(descriptor, randomBytes(keyBytes))
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  try {
    linkSync(partial, file)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  } finally {
    unlinkSync(partial)
  }
  syncFolder(dirname(file))
  return readFileSync(file)
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

function readIfThere(file: string): Buffer | null {
  try {
    return readFileSync(file)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}
