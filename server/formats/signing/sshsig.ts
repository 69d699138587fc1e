import { createHash, type KeyObject } from 'node:crypto'
import { MalformedError } from '../../errors.ts'
import { ed25519FromRaw, rawEd25519, signBytes, verifyBytes } from './keys.ts'

// Source: OpenSSH, PROTOCOL.sshsig.

const format = 'SSH signature'
const magic = Buffer.from('SSHSIG')
const algorithm = 'ssh-ed25519'
const [begin, end] = ['-----BEGIN SSH SIGNATURE-----', '-----END SSH SIGNATURE-----']
const maxBytes = 10_000

/** The key as in a line of `authorized_keys`: algorithm and base64. */
export const sshPublicKey = (key: KeyObject): string => `${algorithm} ${publicBlob(key).toString('base64')}`

/** A line of the file that `ssh-keygen -Y verify -f` reads. */
export const allowedSignersLine = (key: KeyObject, identity: string, namespace: string): string =>
  `${identity} namespaces="${namespace}" ${sshPublicKey(key)}\n`

/** A signature over a file, in armor. */
export function signSsh(key: KeyObject, content: Uint8Array, namespace: string): string {
  const signature = signBytes(key, signedBytes(content, namespace))
  const blob = Buffer.concat([
    magic,
    uint32(1),
    string(publicBlob(key)),
    string(namespace),
    string(''),
    string('sha512'),
    string(Buffer.concat([string(algorithm), string(signature)])),
  ])
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? []
  return [begin, ...lines, end, ''].join('\n')
}

/** Whether the key has signed this file for this namespace. Throws MalformedError. */
export function verifySsh(key: KeyObject, content: Uint8Array, namespace: string, armor: string): boolean {
  const parsed = parseSsh(armor)
  return (
    parsed.namespace === namespace &&
    parsed.publicKey.equals(rawEd25519(key)) &&
    verifyBytes(key, signedBytes(content, namespace), parsed.signature)
  )
}

/** Reads a signature by an Ed25519 key over a SHA-512. Throws MalformedError. */
export function parseSsh(armor: string) {
  const lines = armor.trimEnd().split(/\r?\n/)
  if (armor.length > maxBytes || lines.length < 3 || lines[0] !== begin || lines.at(-1) !== end)
    throw new MalformedError(format, 0, 'it has no armor')
  const base64 = lines.slice(1, -1).join('')
  const blob = Buffer.from(base64, 'base64')
  if (blob.toString('base64') !== base64) throw new MalformedError(format, 0, 'it is not base64')
  const strings = stringReader(blob, magic.length + 4)
  if (!blob.subarray(0, magic.length).equals(magic) || blob.readUInt32BE(magic.length) !== 1)
    throw new MalformedError(format, 0, 'it is of another version')
  const [publicBlob, namespace, , hash, signatureBlob] = [
    strings(),
    strings().toString(),
    strings(),
    strings().toString(),
    strings(true),
  ]
  if (hash !== 'sha512') throw new MalformedError(format, 0, 'it is over another hash than SHA-512')
  return { publicKey: keyed(publicBlob, 32), namespace, signature: keyed(signatureBlob, 64) }
}

/** The key of a line of `allowed_signers` or `authorized_keys`. Throws MalformedError. */
export function parseSshPublicKey(line: string): KeyObject {
  const [, base64 = ''] = /(?:^|\s)ssh-ed25519 ([A-Za-z0-9+/=]+)/.exec(line) ?? []
  return ed25519FromRaw(keyed(Buffer.from(base64, 'base64'), 32))
}

function signedBytes(content: Uint8Array, namespace: string): Buffer {
  const digest = createHash('sha512').update(content).digest()
  return Buffer.concat([magic, string(namespace), string(''), string('sha512'), string(digest)])
}

const publicBlob = (key: KeyObject) => Buffer.concat([string(algorithm), string(rawEd25519(key))])

/** Two strings: the algorithm, and so many bytes. */
function keyed(blob: Buffer, length: number): Buffer {
  const strings = stringReader(blob, 0)
  if (strings().toString() !== algorithm) throw new MalformedError(format, 0, `it is not of ${algorithm}`)
  const bytes = strings(true)
  if (bytes.length !== length) throw new MalformedError(format, 0, `a part has not ${length} bytes`)
  return bytes
}

function stringReader(blob: Buffer, start: number) {
  let at = start
  return (isLast = false): Buffer => {
    const length = at + 4 <= blob.length ? blob.readUInt32BE(at) : Infinity
    const next = at + 4 + length
    if (next > blob.length || (isLast && next !== blob.length))
      throw new MalformedError(format, Math.min(at, blob.length), 'a length is wrong')
    const bytes = blob.subarray(at + 4, next)
    at = next
    return bytes
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function string(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([uint32(bytes.length), bytes])
}
