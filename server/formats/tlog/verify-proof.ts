import { MalformedError } from '../../errors.ts'

// Browsers and Node.js both run this file. Source: RFC 9162, 2.1.3.2 and 2.1.4.2.

/** SHA-256. In browsers, it takes its time. */
export type Digest = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array> | Uint8Array

/** SHA-256 of an entry as a leaf of the tree. */
export const hashLeaf = async (digest: Digest, entry: Uint8Array): Promise<Uint8Array> =>
  digest(Uint8Array.from([0, ...entry]))

const hashNode = async (digest: Digest, left: Uint8Array, right: Uint8Array): Promise<Uint8Array> =>
  digest(Uint8Array.from([1, ...left, ...right]))

export const areEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at])

const half = (n: number) => Math.floor(n / 2)
const isOdd = (n: number) => n % 2 === 1

/**
 * The root of the tree of `size` leaves in which `leaf` has this index, by an inclusion proof. Who compares it with the signed root knows
 * whether the entry is in the log. Throws MalformedError if the proof is of another length.
 */
export async function rootByInclusion(
  digest: Digest,
  {
    leaf,
    index,
    size,
    proof,
  }: { leaf: Uint8Array; index: number; size: number; proof: readonly Uint8Array[] },
): Promise<Uint8Array> {
  if (index >= size) throw new MalformedError('inclusion proof', 0, `the log has no entry ${index}`)
  let [at, last, root] = [index, size - 1, leaf]
  for (const hash of proof) {
    if (last === 0) throw new MalformedError('inclusion proof', 0, 'it is too long')
    if (isOdd(at) || at === last) {
      root = await hashNode(digest, hash, root)
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)]
    } else root = await hashNode(digest, root, hash)
    ;[at, last] = [half(at), half(last)]
  }
  if (last !== 0) throw new MalformedError('inclusion proof', 0, 'it is too short')
  return root
}

/**
 * Whether a tree of `from` leaves with one root is the beginning of a tree of `to` leaves with another root, by a consistency proof.
 */
export async function isConsistent(
  digest: Digest,
  from: { size: number; root: Uint8Array },
  to: { size: number; root: Uint8Array },
  proof: readonly Uint8Array[],
): Promise<boolean> {
  if (from.size > to.size) return false
  if (from.size === to.size) return proof.length === 0 && areEqual(from.root, to.root)
  if (from.size === 0) return proof.length === 0 && areEqual(from.root, await digest(new Uint8Array()))
  let [at, last] = [from.size - 1, to.size - 1]
  while (isOdd(at)) [at, last] = [half(at), half(last)]
  // A tree of 2^n leaves is a node of the larger tree: the proof leaves it out.
  const [first, ...rest] = at === 0 ? [from.root, ...proof] : proof
  if (!first) return false
  let [old, root] = [first, first]
  for (const hash of rest) {
    if (last === 0) return false
    if (isOdd(at) || at === last) {
      ;[old, root] = [await hashNode(digest, hash, old), await hashNode(digest, hash, root)]
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)]
    } else root = await hashNode(digest, root, hash)
    ;[at, last] = [half(at), half(last)]
  }
  return last === 0 && areEqual(old, from.root) && areEqual(root, to.root)
}
