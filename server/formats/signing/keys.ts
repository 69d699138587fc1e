import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { MalformedError } from '../../errors.ts'
import { preAuthEncoding, type Envelope } from './dsse.ts'

/** What the hub signs with. */
export type KeyAlgorithm = 'ED25519' | 'P256'

/** SubjectPublicKeyInfo of an Ed25519 key up to the 32 bytes of the key. Source: RFC 8410. */
const ed25519Spki = Buffer.from('302a300506032b6570032100', 'hex')
/** The same with parameters NULL, which RFC 8410 forbids, and in-toto-rs writes and demands. */
const ed25519SpkiWithNull = Buffer.from('302c300706032b65700500032100', 'hex')

/** Throws MalformedError for a key of another kind. */
export function algorithmOf(key: KeyObject): KeyAlgorithm {
  if (key.asymmetricKeyType === 'ed25519') return 'ED25519'
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'P256'
  throw new MalformedError('key', 0, 'it is neither an Ed25519 key nor one of the curve P-256')
}

/** SubjectPublicKeyInfo in DER, of a public or private key. */
export const spkiOf = (key: KeyObject): Buffer => publicHalf(key).export({ type: 'spki', format: 'der' })

export const publicKeyFromSpki = (spki: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })

/** The public key in PEM, as openssl reads it. */
export const publicPem = (key: KeyObject): string =>
  publicHalf(key).export({ type: 'spki', format: 'pem' }).toString()

export const publicHalf = (key: KeyObject): KeyObject => (key.type === 'private' ? createPublicKey(key) : key)

/** The 32 bytes of an Ed25519 key. */
export function rawEd25519(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519') throw new MalformedError('key', 0, 'it is no Ed25519 key')
  return spkiOf(key).subarray(ed25519Spki.length)
}

export const ed25519FromRaw = (raw: Uint8Array): KeyObject =>
  publicKeyFromSpki(Buffer.concat([ed25519Spki, raw]))

/** The key in PEM as in-toto-rs writes and demands it: what rebuilderd's clients read, and openssl refuses. */
export const publicPemWithNull = (key: KeyObject): string => {
  const der = Buffer.concat([ed25519SpkiWithNull, rawEd25519(key)])
  return `-----BEGIN PUBLIC KEY-----\n${der.toString('base64')}\n-----END PUBLIC KEY-----\n`
}

/** Reads a public key in PEM, also one that in-toto-rs has written. Throws MalformedError. */
export function parsePublicPem(pem: string): KeyObject {
  const [, base64] =
    /^-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END PUBLIC KEY-----\s*$/.exec(pem) ?? []
  if (base64 === undefined) throw new MalformedError('public key', 0, 'it is no public key in PEM')
  const der = Buffer.from(base64, 'base64')
  for (const prefix of [ed25519Spki, ed25519SpkiWithNull])
    if (der.length === prefix.length + 32 && der.subarray(0, prefix.length).equals(prefix))
      return ed25519FromRaw(der.subarray(prefix.length))
  try {
    return publicKeyFromSpki(der)
  } catch {
    throw new MalformedError('public key', 0, 'its content is no public key')
  }
}

/** The key id of the hub, and of DSSE: SHA-256 of SubjectPublicKeyInfo, 64 hexadecimal digits. */
export const keyIdOf = (key: KeyObject): string => createHash('sha256').update(spkiOf(key)).digest('hex')

/** Ed25519 over the bytes, or ECDSA over their SHA-256, in DER. */
export const signBytes = (key: KeyObject, bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(sign(algorithmOf(key) === 'P256' ? 'sha256' : null, bytes, key))

/** Whether `signBytes` with the private half of this key has made the signature. */
export const verifyBytes = (key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean =>
  verify(algorithmOf(key) === 'P256' ? 'sha256' : null, bytes, key, signature)

/** An envelope with one signature. */
export function signEnvelope(key: KeyObject, payloadType: string, body: Uint8Array<ArrayBuffer>): Envelope {
  const sig = signBytes(key, preAuthEncoding(payloadType, body))
  return { payloadType, body, signatures: [{ keyid: keyIdOf(key), sig }] }
}

/** Those of the keys that have signed the envelope: keys, not signatures, since one key may sign twice. */
export function signersOf(
  { payloadType, body, signatures }: Envelope,
  keys: readonly KeyObject[],
): KeyObject[] {
  const signed = preAuthEncoding(payloadType, body)
  return keys.filter((key) => signatures.some(({ sig }) => verifyBytes(key, signed, sig)))
}
