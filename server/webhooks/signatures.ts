import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign as signWith,
  type KeyObject,
} from 'node:crypto'

/** What is signed: names of the Standard Webhooks specification 1.0. `timestamp`: seconds since 1970. */
export type Signed = { id: string; timestamp: number; body: string }

const contentOf = ({ id, timestamp, body }: Signed) => `${id}.${timestamp}.${body}`

/** A secret as receivers have it: `whsec_` and 32 random bytes in base64. */
export const secretText = (secret: Uint8Array): string => `whsec_${Buffer.from(secret).toString('base64')}`

export const newSecret = (): Buffer => randomBytes(32)

/** `v1,` and HMAC-SHA256. */
export const signatureV1 = (secret: Uint8Array, signed: Signed): string =>
  `v1,${createHmac('sha256', secret).update(contentOf(signed)).digest('base64')}`

/** `v1a,` and Ed25519. `seed`: the 32 bytes of the private key. */
export const signatureV1a = (seed: Uint8Array, signed: Signed): string =>
  `v1a,${signWith(null, Buffer.from(contentOf(signed)), privateKeyOf(seed)).toString('base64')}`

/** The public key of `seed` as receivers have it: `whpk_` and its 32 bytes in base64. */
export function publicKeyText(seed: Uint8Array): string {
  const spki = createPublicKey(privateKeyOf(seed)).export({ type: 'spki', format: 'der' })
  return `whpk_${spki.subarray(-32).toString('base64')}`
}

/** What GitHub sends as `X-Hub-Signature-256`. `secret`: as its text. */
export const signatureOfGithub = (secret: string, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

/** RFC 8410: a private key of Ed25519 in PKCS #8 is its 32 bytes behind these. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')

const privateKeyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' })
