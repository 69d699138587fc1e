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

async function derive(password: string, salt: Uint8Array, n: number, r: number, p: number): Promise<Buffer> {
  // Node refuses what needs more than `maxmem`; scrypt needs 128 * N * r bytes and a little.
  return scryptAsync(password, salt, hashBytes, { N: n, r, p, maxmem: 256 * n * r })
}

/**
 * Hashes a password with builder-web's parameters, so that its users can be imported: N=16384, r=8, p=1. Tests
 * whose user is no secret give a smaller N, a power of two.
 */
export async function hashPassword(password: string, scryptN = 16_384): Promise<PasswordHash> {
  const salt = Uint8Array.from(randomBytes(saltBytes))
  const hash = await derive(password, salt, scryptN, 8, 1)
  return { passwordHash: Uint8Array.from(hash), passwordSalt: salt, scryptN, scryptR: 8, scryptP: 1 }
}

/** Compares in constant time. */
export async function isPassword(password: string, stored: PasswordHash): Promise<boolean> {
  const { scryptN, scryptR, scryptP } = stored
  const hash = await derive(password, stored.passwordSalt, scryptN, scryptR, scryptP)
  return timingSafeEqual(hash, stored.passwordHash)
}
