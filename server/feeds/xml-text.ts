/** Text with U+FFFD for each character that XML cannot have, even escaped. Source: XML 1.0 §2.2. */
export function xmlText(text: string): string {
  return text.replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
}
