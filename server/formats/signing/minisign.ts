import { createHash, type KeyObject } from 'node:crypto'
import { MalformedError } from '../../errors.ts'
import { ed25519FromRaw, rawEd25519, signBytes, verifyBytes } from './keys.ts'

// Source: minisign 0.11, README and src/minisign.h.

const format = 'minisign signature'
const maxBytes = 10_000
/** Of a key, and of a signature over the BLAKE2b hash of a file. */
const marks = { key: Buffer.from('Ed'), hashed: Buffer.from('ED') }
const [trustedStart, untrustedStart] = ['trusted comment: ', 'untrusted comment: ']

/** 8 bytes by which minisign finds a key. It leaves them to the maker of the key: here they are the first of the SHA-256 of the key. */
export const minisignKeyNumber = (key: KeyObject): Buffer =>
  createHash('sha256').update(rawEd25519(key)).digest().subarray(0, 8)

/** The key in one word, for `minisign -P`. */
export const minisignPublicKey = (key: KeyObject): string =>
  Buffer.concat([marks.key, minisignKeyNumber(key), rawEd25519(key)]).toString('base64')

/** The key number as minisign shows it: 16 digits, the last byte first. */
export const minisignKeyName = (key: KeyObject): string =>
  Buffer.from(minisignKeyNumber(key)).reverse().toString('hex').toUpperCase()

/** The file with the public key. */
export const minisignKeyFile = (key: KeyObject): string =>
  `${untrustedStart}minisign public key ${minisignKeyName(key)}\n${minisignPublicKey(key)}\n`

/** A signature over a file. `comment` is signed, too. Throws MalformedError for one with a line end. */
export function signMinisign(key: KeyObject, content: Uint8Array, comment: string): string {
  if (/[\r\n]/.test(comment)) throw new MalformedError(format, 0, 'a comment has a line end')
  const signature = signBytes(key, blake2b(content))
  const global = signBytes(key, Buffer.concat([signature, Buffer.from(comment)]))
  const body = Buffer.concat([marks.hashed, minisignKeyNumber(key), signature])
  return [
    `${untrustedStart}signature of key ${minisignKeyName(key)}`,
    body.toString('base64'),
    `${trustedStart}${comment}`,
    Buffer.from(global).toString('base64'),
    '',
  ].join('\n')
}

/** Whether the key has signed this file and the comment. Throws MalformedError. */
export function verifyMinisign(key: KeyObject, content: Uint8Array, file: string): boolean {
  const { keyNumber, signature, comment, global } = parseMinisign(file)
  return (
    keyNumber.equals(minisignKeyNumber(key)) &&
    verifyBytes(key, blake2b(content), signature) &&
    verifyBytes(key, Buffer.concat([signature, Buffer.from(comment)]), global)
  )
}

/** Reads the file of a signature. Throws MalformedError. */
export function parseMinisign(file: string) {
  if (file.length > maxBytes) throw new MalformedError(format, maxBytes, 'it is too long')
  const [untrusted = '', body = '', trusted = '', global = '', ...rest] = file.split('\n')
  if (rest.join('') !== '') throw new MalformedError(format, 0, 'it has more than four lines')
  if (!untrusted.startsWith(untrustedStart) || !trusted.startsWith(trustedStart))
    throw new MalformedError(format, 0, 'a comment is missing')
  const bytes = bytesOf(body, 74)
  if (!bytes.subarray(0, 2).equals(marks.hashed))
    throw new MalformedError(format, 0, 'it is of another algorithm than ED')
  return {
    keyNumber: bytes.subarray(2, 10),
    signature: bytes.subarray(10),
    comment: trusted.slice(trustedStart.length),
    global: bytesOf(global, 64),
  }
}

/** Reads a public key: the word, or the last line of its file. Throws MalformedError. */
export function parseMinisignKey(text: string): KeyObject {
  const word = text.trimEnd().split('\n').at(-1) ?? ''
  const bytes = bytesOf(word, 42)
  if (!bytes.subarray(0, 2).equals(marks.key)) throw new MalformedError(format, 0, 'it is no public key')
  return ed25519FromRaw(bytes.subarray(10))
}

const blake2b = (content: Uint8Array) => createHash('blake2b512').update(content).digest()

function bytesOf(base64: string, length: number): Buffer {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length !== length || bytes.toString('base64') !== base64)
    throw new MalformedError(format, 0, `a line is not the base64 of ${length} bytes`)
  return bytes
}
