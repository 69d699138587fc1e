/** How many characters of a message a row of a list has room for. */
export const rowLetters = 120

/** The first `most` characters of a text, with an ellipsis where there is more. Never half a character. */
export function cutText(text: string, most: number): string {
  // Most texts are short: they need not be taken apart.
  if (text.length <= most) return text
  const letters = Array.from(text.slice(0, 2 * most + 2))
  return letters.length > most ? `${letters.slice(0, most).join('').trimEnd()}…` : text
}
