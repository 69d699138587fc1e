import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { DomainError } from '../errors.ts'

/** What was sealed was changed, sealed for something else, or with another key. */
export class NotSealedError extends DomainError {
  override readonly name = 'NotSealedError'
}

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/**
 * Encrypts a secret: nonce (12 bytes), AES-256-GCM, tag (16 bytes). `purpose` says what it is, and of whom: what was sealed for one
 * purpose opens for no other.
 */
export function seal(key: Uint8Array, purpose: string, secret: Uint8Array): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithm, key, nonce)
  cipher.setAAD(Buffer.from(purpose))
  const sealed = [nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]
  return Uint8Array.from(Buffer.concat(sealed))
}

/** Throws NotSealedError. */
export function unseal(key: Uint8Array, purpose: string, sealed: Uint8Array): Buffer {
  if (sealed.length < nonceBytes + tagBytes) throw new NotSealedError('too short for a sealed secret')
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(purpose))
  decipher.setAuthTag(sealed.subarray(-tagBytes))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()])
  } catch {
    throw new NotSealedError('the secret was sealed otherwise: with another key, or for another purpose')
  }
}
