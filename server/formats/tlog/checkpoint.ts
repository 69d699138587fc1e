import { MalformedError } from '../../errors.ts'
import { decodeBase64, encodeBase64 } from '../signing/base64.ts'

// Browsers and Node.js both run this file. Source: C2SP, tlog-checkpoint.md.

/** What a log was at some time. `origin` names the log; `root` has 32 bytes. */
export type Checkpoint = { origin: string; size: number; root: Uint8Array }

const format = 'checkpoint'

/** The text that the log signs. */
export const printCheckpoint = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${encodeBase64(root)}\n`

/** Reads the text of a signed note. Lines after the third are extensions, which are ignored. Throws MalformedError. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = ''] = text.split('\n')
  if (origin === '') throw new MalformedError(format, 0, 'it has no origin')
  return { origin, size: parseDecimal(size, format), root: parseHash(root, format) }
}

/** A whole number without leading zeroes. Throws MalformedError. */
export function parseDecimal(text: string, what: string): number {
  const number = Number(text)
  if (!/^(0|[1-9]\d*)$/.test(text) || !Number.isSafeInteger(number))
    throw new MalformedError(what, 0, 'a line is no whole number')
  return number
}

/** 32 bytes in standard base64. Throws MalformedError. */
export function parseHash(text: string, what: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) throw new MalformedError(what, 0, 'a line is no hash in base64')
  return decodeBase64(text, what, 'a hash')
}
