/** The longest path that SMTP takes. Source: RFC 5321 §4.5.3.1.3, without the angle brackets. */
const maxCharacters = 254

/**
 * Whether a text can be the address of somebody: one address without a name, comment or quotes. Nothing in it ends a header or an
 * envelope.
 */
export function isMailAddress(text: string): boolean {
  return (
    text.length <= maxCharacters &&
    /^[^\s\p{C}<>()[\]\\,;:"@]{1,64}@[^\s\p{C}<>()[\]\\,;:"@]+\.[^\s\p{C}<>()[\]\\,;:"@.]+$/u.test(text)
  )
}

/** The address in `Name <address>`, or the text itself; null: it is neither. */
export function addressIn(text: string): string | null {
  const address = /^[^<>\p{Cc}]*<([^<>]+)>$/u.exec(text)?.[1] ?? text
  return isMailAddress(address) || /^[^\s\p{C}<>@]+@localhost$/u.test(address) ? address : null
}
