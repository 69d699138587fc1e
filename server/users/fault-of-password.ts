import { looksLikeJwt, looksLikeToken } from './token-text.ts'

const maxLength = 10_000

/**
 * What is wrong with a new password, as the end of a sentence; null: nothing. `minLength`: characters that it has at least. What
 * looks like a token or like a JSON Web Token would be taken for one, and never for a password.
 */
export function faultOfPassword(password: string, { minLength = 1 } = {}): string | null {
  const length = [...password].length
  if (length < minLength || length > maxLength)
    return `a password has ${minLength} to ${maxLength} characters, and this one has ${length}`
  if (/\p{Cc}/u.test(password)) return 'a password has no control characters'
  // UTF-8 has no place for half of a surrogate pair: several passwords would have one hash.
  if (/\p{Cs}/u.test(password))
    return 'a password is text of Unicode, and this one has half of a surrogate pair'
  if (looksLikeToken(password) || looksLikeJwt(password)) return 'a password must not look like a token'
  return null
}
