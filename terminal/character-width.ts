/** Marks and format characters take no column. */
const zeroWidth = /[\p{Mn}\p{Me}\p{Cf}]/u
/** East Asian wide and full-width characters, and what is drawn as an emoji, take two. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u

/** How many columns of a terminal a character takes. Source: UAX #11. */
export function characterWidth(character: string): 0 | 1 | 2 {
  if (character.charCodeAt(0) < 0x300) return 1
  if (zeroWidth.test(character)) return 0
  return wide.test(character) ? 2 : 1
}
