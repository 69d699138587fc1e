import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { promisify } from 'node:util'

const scryptAsync = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt)

/** scrypt hash of a password with its parameters, as stored in the table of users. */
export type PasswordHash = {
  passwordHash: Uint8Array<ArrayBuffer>
  passwordSalt: Uint8Array<ArrayBuffer>
  scryptN: number
  scryptR: number
  scryptP: number
}

const hashBytes = 32
const saltBytes = 16
/** builder-web's parameters, so that its users can be imported. */
const defaults = { scryptN: 16_384, scryptR: 8, scryptP: 1 }

async function derive(password: string, salt: Uint8Array, n: number, r: number, p: number): Promise<Buffer> {
  // Node refuses what needs more than `maxmem`; scrypt needs 128 * N * r bytes and a little.
  return scryptAsync(password, salt, hashBytes, { N: n, r, p, maxmem: 256 * n * r })
}

/** Hashes a password. Tests whose user is no secret give a smaller N, a power of two. */
export async function hashPassword(password: string, scryptN = defaults.scryptN): Promise<PasswordHash> {
  const salt = Uint8Array.from(randomBytes(saltBytes))
  const hash = await derive(password, salt, scryptN, defaults.scryptR, defaults.scryptP)
  return { passwordHash: Uint8Array.from(hash), passwordSalt: salt, ...defaults, scryptN }
}

/** A hash that no password has, whose comparison takes as long as that of any other. */
export function decoyHash(): PasswordHash {
  return {
    passwordHash: Uint8Array.from(randomBytes(hashBytes)),
    passwordSalt: Uint8Array.from(randomBytes(saltBytes)),
    ...defaults,
  }
}

/** Compares in constant time. */
export async function isPassword(password: string, stored: PasswordHash): Promise<boolean> {
  const { scryptN, scryptR, scryptP } = stored
  const hash = await derive(password, stored.passwordSalt, scryptN, scryptR, scryptP)
  return timingSafeEqual(hash, stored.passwordHash)
}
