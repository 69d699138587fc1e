import { createHash, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const marker = 'bhub_'
const randomDigits = 32
const checkDigits = 6
/** The marker, and so much more that a person can tell tokens apart. */
const prefixLength = 9

const pattern = new RegExp(`^${marker}[0-9A-Za-z]{${randomDigits + checkDigits}}$`)

/** The text of a new token: `bhub_`, 32 random characters (190 bits), and the CRC-32 of what is before it. */
export function makeTokenText(): string {
  const random = Array.from({ length: randomDigits }, () => digits[randomInt(digits.length)]).join('')
  return `${marker}${random}${checkOf(marker + random)}`
}

/** Whether a text looks like a token, right or mistyped: passwords of this form are none. */
export const looksLikeToken = (text: string): boolean => text.startsWith(marker)

/** Whether a password, or a Bearer credential, has the form of a JSON Web Token. */
export const looksLikeJwt = (text: string): boolean => /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(text)

/** Whether a text has the form of a token and its check digits are right. A secret scanner can tell, too. */
export function isTokenText(text: string): boolean {
  return pattern.test(text) && checkOf(text.slice(0, -checkDigits)) === text.slice(-checkDigits)
}

/** What a list shows of a token. */
export const prefixOf = (text: string): string => text.slice(0, prefixLength)

/** SHA-256 of a secret with so many random bits that nobody can guess it, as hexadecimal digits. */
export const sha256Of = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** CRC-32 in base 62, with zeros in front. */
function checkOf(text: string): string {
  let rest = crc32(text)
  let check = ''
  for (let place = 0; place < checkDigits; place++) {
    check = (digits[rest % digits.length] ?? '') + check
    rest = Math.floor(rest / digits.length)
  }
  return check
}
