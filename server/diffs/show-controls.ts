import { emojiOrHidden } from '../visible-text.ts'

/** Hidden characters, and the carriage return, on which a terminal would act. */
const unseen = new RegExp(`${emojiOrHidden.source}|\\r`, 'gu')

/**
 * Text from builds for a terminal: control characters as `^M`, other characters that cannot be seen as `<U+FEFF>`.
 * Line feeds and tabs stay.
 */
export function showControls(text: string): string {
  return text.replace(unseen, (character: string, emoji?: string) => {
    if (emoji !== undefined) return emoji
    const code = character.codePointAt(0) ?? 0
    if (code < 0x20 || code === 0x7f) return `^${String.fromCharCode(code ^ 0x40)}`
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
  })
}
