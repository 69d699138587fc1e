import { createHash } from 'node:crypto'

/** A reproducible source of choices: equal seeds give equal sequences on every machine. */
export type Random = {
  /** An integer from `low` up to and including `high`. */
  integer(low: number, high: number): number
  pick<T>(choices: readonly [T, ...T[]]): T
}

/** Seeded by any text. Source of the generator: mulberry32 (public domain, Tommy Ettinger). */
export function seededRandom(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return { integer, pick: (choices) => choices[integer(0, choices.length - 1)] ?? choices[0] }
}

/** Lower-case hex digest; of a text, it stands in for the checksums and commits of released archives. */
export function digestOf(
  algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512',
  content: string | Uint8Array,
): string {
  return createHash(algorithm).update(content).digest('hex')
}
