import { createHash, type KeyObject } from 'node:crypto'
import { algorithmOf, keyIdOf, publicHalf } from './keys.ts'

/** A public key as JSON Web Key. Source: RFC 7517, RFC 8037. */
export type PublicJwk = {
  kty: string
  crv: string
  x: string
  y?: string
  kid: string
  use: 'sig'
  alg: 'EdDSA' | 'ES256'
}

export function publicJwk(key: KeyObject): PublicJwk {
  const { kty, crv, x, y } = publicHalf(key).export({ format: 'jwk' })
  if (kty === undefined || crv === undefined || x === undefined) throw new Error('the key has no JWK')
  const point = y === undefined ? { x } : { x, y }
  const alg = algorithmOf(key) === 'P256' ? 'ES256' : 'EdDSA'
  return { kty, crv, ...point, kid: keyIdOf(key), use: 'sig', alg }
}

/** The thumbprint: base64url of SHA-256 of the members that are required, by name. Source: RFC 7638. */
export function jwkThumbprint(key: KeyObject): string {
  const { kty, crv, x, y } = publicJwk(key)
  const members = y === undefined ? { crv, kty, x } : { crv, kty, x, y }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}
