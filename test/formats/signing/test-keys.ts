import { createPrivateKey, type KeyObject } from 'node:crypto'

/** A private key of RFC 8032, 7.1, which everybody knows: never for anything but tests. */
const fromSeed = (seed: string): KeyObject =>
  createPrivateKey({
    key: Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex'),
    format: 'der',
    type: 'pkcs8',
  })

/** Test 1. */
export const firstKey = fromSeed('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
/** Test 2. */
export const secondKey = fromSeed('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb')

/** A copy with one bit of the byte at `at` flipped. */
export function flipped(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}
