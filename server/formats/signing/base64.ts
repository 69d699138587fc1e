import { MalformedError } from '../../errors.ts'

/** Standard or URL-safe base64, with or without padding, as bytes. Throws MalformedError. Browsers and Node.js run it. */
export function decodeBase64(text: string, format: string, what: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/={1,2}$/, '')
  const rest = digits.length % 4
  const isPadded = digits.length < text.length
  if (/[^A-Za-z0-9+/_-]/.test(digits) || rest === 1 || (isPadded && text.length % 4 !== 0))
    throw new MalformedError(format, 0, `${what} is not base64`)
  const binary = atob(digits.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const pieces: string[] = []
  // A call takes so many arguments at most.
  for (let at = 0; at < bytes.length; at += 8_192)
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + 8_192)))
  return btoa(pieces.join(''))
}
