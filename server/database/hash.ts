/** SHA-256: so many bytes in the database, and twice as many hexadecimal digits in the code. */
const hashBytes = 32

/** Whether a column of this name holds a hash. `inputId` is the SHA-256 over the inputs of a build. */
export const isHashColumn = (name: string): boolean => /sha256/i.test(name) || name === 'inputId'

/** The bytes of a hash, as a column stores them. `hex`: 64 lower-case hexadecimal digits. */
export function toHash(hex: string): Uint8Array<ArrayBuffer> {
  if (!/^[0-9a-f]{64}$/.test(hex))
    throw new TypeError(`a SHA-256 is 64 lower-case hexadecimal digits, not ${JSON.stringify(hex)}`)
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

/** The lower-case hexadecimal digits of a stored hash. */
export function hexOf(hash: Uint8Array): string {
  if (hash.length !== hashBytes)
    throw new TypeError(`a stored SHA-256 has ${hash.length} bytes, not ${hashBytes}`)
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex')
}
