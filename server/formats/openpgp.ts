import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'

/** A key that signs: Ed25519, and when it was made, which is part of its fingerprint. */
export type OpenPgpKey = { privateKey: KeyObject; createdAt: Date; userId: string }

// RFC 4880, and the Ed25519 keys of GnuPG ("EdDSA legacy" in RFC 9580): what gpgv of Debian 11 and Sequoia's sqv both read.
const version = 4
const eddsa = 22
const sha512 = 10
const tags = { signature: 2, publicKey: 6, userId: 13 } as const
const types = { binary: 0x00, text: 0x01, certification: 0x13 } as const
const subpackets = { createdAt: 2, issuer: 16, keyFlags: 27, issuerFingerprint: 33 } as const
const mayCertifyAndSign = 0x03
/** Length and object identifier 1.3.6.1.4.1.11591.15.1. */
const ed25519 = Buffer.from('092b06010401da470f01', 'hex')

/** The key with this private key in PEM (PKCS #8). */
export const openPgpKey = (pem: string, createdAt: Date, userId: string): OpenPgpKey => ({
  privateKey: createPrivateKey(pem),
  createdAt,
  userId,
})

/** 40 hexadecimal digits in upper case, as `gpg --fingerprint` has them, without spaces. */
export const fingerprintOf = (key: OpenPgpKey): string => rawFingerprint(key).toString('hex').toUpperCase()

/** The public key with its user id, for anybody who checks signatures: binary, as `gpg --export` writes it. */
export function publicKeyOf(key: OpenPgpKey): Buffer {
  const body = publicKeyBody(key)
  const userId = Buffer.from(key.userId)
  const signed = Buffer.concat([hashedKey(body), Buffer.from([0xb4]), uint32(userId.length), userId])
  const flags = subpacket(subpackets.keyFlags, Buffer.from([mayCertifyAndSign]))
  return Buffer.concat([
    packet(tags.publicKey, body),
    packet(tags.userId, userId),
    signaturePacket(key, types.certification, signed, key.createdAt, flags),
  ])
}

/** Binary as ASCII armor. */
export function armored(what: 'PUBLIC KEY BLOCK' | 'SIGNATURE', bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  const check = Buffer.from(uint32(crc24(bytes)).subarray(1)).toString('base64')
  return [`-----BEGIN PGP ${what}-----`, '', ...lines, `=${check}`, `-----END PGP ${what}-----`, ''].join(
    '\n',
  )
}

/** A detached signature of a file by each of the keys, in armor: `Release.gpg`. */
export function signDetached(keys: readonly OpenPgpKey[], content: Uint8Array, at: Date): string {
  const signatures = keys.map((key) => signaturePacket(key, types.binary, content, at))
  return armored('SIGNATURE', Buffer.concat(signatures))
}

/** The text with signatures by each of the keys: `InRelease`. The text has LF at the end of each line. Source: RFC 4880, 7. */
export function signCleartext(keys: readonly OpenPgpKey[], text: string, at: Date): string {
  const lines = text.replace(/\n$/, '').split('\n')
  const signed = Buffer.from(lines.map((line) => line.replace(/[ \t]+$/, '')).join('\r\n'))
  const signatures = keys.map((key) => signaturePacket(key, types.text, signed, at))
  const escaped = lines.map((line) => (line.startsWith('-') ? `- ${line}` : line))
  return [
    '-----BEGIN PGP SIGNED MESSAGE-----',
    'Hash: SHA512',
    '',
    ...escaped,
    armored('SIGNATURE', Buffer.concat(signatures)),
  ].join('\n')
}

function signaturePacket(
  key: OpenPgpKey,
  type: number,
  content: Uint8Array,
  at: Date,
  extra: Buffer = Buffer.alloc(0),
): Buffer {
  const fingerprint = rawFingerprint(key)
  const hashed = Buffer.concat([
    subpacket(subpackets.issuerFingerprint, Buffer.concat([Buffer.from([version]), fingerprint])),
    subpacket(subpackets.createdAt, uint32(seconds(at))),
    extra,
  ])
  const head = Buffer.concat([Buffer.from([version, type, eddsa, sha512]), uint16(hashed.length), hashed])
  const trailer = Buffer.concat([head, Buffer.from([version, 0xff]), uint32(head.length)])
  const digest = createHash('sha512').update(content).update(trailer).digest()
  const signature = sign(null, digest, key.privateKey)
  const issuer = subpacket(subpackets.issuer, fingerprint.subarray(-8))
  return packet(
    tags.signature,
    Buffer.concat([
      head,
      uint16(issuer.length),
      issuer,
      digest.subarray(0, 2),
      multiPrecision(signature.subarray(0, 32)),
      multiPrecision(signature.subarray(32)),
    ]),
  )
}

function publicKeyBody({ createdAt, privateKey }: OpenPgpKey): Buffer {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  if (x === undefined) throw new Error('the key is no Ed25519 key')
  const point = Buffer.concat([Buffer.from([0x40]), Buffer.from(x, 'base64url')])
  return Buffer.concat([
    Buffer.from([version]),
    uint32(seconds(createdAt)),
    Buffer.from([eddsa]),
    ed25519,
    multiPrecision(point),
  ])
}

const hashedKey = (body: Buffer) => Buffer.concat([Buffer.from([0x99]), uint16(body.length), body])

function rawFingerprint(key: OpenPgpKey): Buffer {
  return createHash('sha1')
    .update(hashedKey(publicKeyBody(key)))
    .digest()
}

/** With the lengths of the new format. */
function packet(tag: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xc0 | tag]), lengthOf(body.length), body])
}

function subpacket(type: number, body: Buffer): Buffer {
  return Buffer.concat([lengthOf(body.length + 1), Buffer.from([type]), body])
}

function lengthOf(length: number): Buffer {
  if (length < 192) return Buffer.from([length])
  if (length < 8_384) return Buffer.from([((length - 192) >> 8) + 192, (length - 192) & 0xff])
  return Buffer.concat([Buffer.from([0xff]), uint32(length)])
}

/** A number with its length in bits before it. */
function multiPrecision(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  if (first < 0) return uint16(0)
  const digits = bytes.subarray(first)
  const bits = digits.length * 8 - (Math.clz32(digits[0] ?? 0) - 24)
  return Buffer.concat([uint16(bits), digits])
}

const seconds = (at: Date) => Math.floor(at.getTime() / 1000)

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Source: RFC 4880, 6.1. */
function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce
  for (const byte of bytes) {
    crc ^= byte << 16
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1
      if (crc & 0x1000000) crc ^= 0x1864cfb
    }
  }
  return crc & 0xffffff
}
