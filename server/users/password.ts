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
/**
 * What new hashes cost: 32 MiB and some 100 ms. builder-web's cost half of it: they are checked with their own parameters,
 * and made anew when their user next signs in.
 */
export const scryptDefaults = { scryptN: 32_768, scryptR: 8, scryptP: 1 }

async function derive(password: string, salt: Uint8Array, n: number, r: number, p: number): Promise<Buffer> {
  // Node refuses what needs more than `maxmem`; scrypt needs 128 * N * r bytes and a little.
  return scryptAsync(password, salt, hashBytes, { N: n, r, p, maxmem: 256 * n * r })
}

/** Hashes a password. Tests whose user is no secret give a smaller N, a power of two. Default: a new salt. */
export async function hashPassword(
  password: string,
  scryptN = scryptDefaults.scryptN,
  salt: PasswordHash['passwordSalt'] = Uint8Array.from(randomBytes(saltBytes)),
): Promise<PasswordHash> {
  const hash = await derive(password, salt, scryptN, scryptDefaults.scryptR, scryptDefaults.scryptP)
  return { passwordHash: Uint8Array.from(hash), passwordSalt: salt, ...scryptDefaults, scryptN }
}

/** A hash that no password has, whose comparison takes as long as that of any other. */
export function decoyHash(scryptN = scryptDefaults.scryptN): PasswordHash {
  return {
    passwordHash: Uint8Array.from(randomBytes(hashBytes)),
    passwordSalt: Uint8Array.from(randomBytes(saltBytes)),
    ...scryptDefaults,
    scryptN,
  }
}

const costOf = ({ scryptN, scryptR, scryptP }: Omit<PasswordHash, 'passwordHash' | 'passwordSalt'>) =>
  scryptN * scryptR * scryptP

/** Whether a hash is cheaper to guess than new ones with this N. */
export const isWeak = (stored: PasswordHash, scryptN = scryptDefaults.scryptN): boolean =>
  costOf(stored) < costOf({ ...scryptDefaults, scryptN })

/**
 * Takes the time by which the check of a weak hash is shorter than that of new ones with this N: otherwise a wrong password
 * would be refused sooner where the user exists, and is of builder-web.
 */
export async function spendDifference(stored: PasswordHash, scryptN: number): Promise<void> {
  const { scryptR, scryptP } = scryptDefaults
  const restN = (costOf({ ...scryptDefaults, scryptN }) - costOf(stored)) / (scryptR * scryptP)
  if (restN < 2) return
  await derive('', Buffer.alloc(saltBytes), 2 ** Math.round(Math.log2(restN)), scryptR, scryptP)
}

/** Compares in constant time. */
export async function isPassword(password: string, stored: PasswordHash): Promise<boolean> {
  const { scryptN, scryptR, scryptP } = stored
  const hash = await derive(password, stored.passwordSalt, scryptN, scryptR, scryptP)
  return timingSafeEqual(hash, stored.passwordHash)
}
