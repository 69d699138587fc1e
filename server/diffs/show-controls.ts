/** What a terminal would act on instead of showing it, and what has no shape or turns the writing direction. */
const unseen =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

/**
 * Text from builds for a terminal: control characters as `^M`, other characters that cannot be seen as `<U+FEFF>`.
 * Line feeds and tabs stay.
 */
export function showControls(text: string): string {
  return text.replace(unseen, (character) => {
    const code = character.charCodeAt(0)
    if (code < 0x20 || code === 0x7f) return `^${String.fromCharCode(code ^ 0x40)}`
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
  })
}
