/** Joiners and variation selectors within emoji: they are seen, as part of the picture. Source: UTS #51. */
const withinEmoji =
  /(?<=\p{Extended_Pictographic}\ufe0f?|\p{Emoji_Modifier})\u200d(?=\p{Extended_Pictographic})|(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f]|\ufe0f(?=\u20e3)/u

/**
 * Characters that show nothing, look like a plain space, or change the order of the text around them. Not line
 * breaks and tabs. Source: UAX #44, "Default_Ignorable_Code_Point" and "Noncharacter_Code_Point".
 */
const hidden =
  /(?![\t\n\r ])[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/u

/** Emoji with their joiners, in the group `emoji`, and hidden characters. */
export const emojiOrHidden = new RegExp(`(?<emoji>${withinEmoji.source})|${hidden.source}`, 'gu')

/** Line breaks and tabs, and spaces that HTML drops: at an end, or beside another one. */
const blankInName = /[\t\n\r]|^ | $|(?<= ) | (?= )/g

/**
 * Text in which nothing is hidden: a character that cannot be seen is shown by its number, `‹U+202E›`. The web
 * application has a copy, web/ui/visible-text.ts.
 */
export function visibleText(text: string): string {
  return text.replace(emojiOrHidden, (character: string, emoji?: string) => emoji ?? formatNumber(character))
}

/** The same for a name or a path, which is one line and in which each space counts. */
export function visibleName(name: string): string {
  return visibleText(name).replace(blankInName, formatNumber)
}

function formatNumber(character: string): string {
  const number = character.codePointAt(0) ?? 0
  return `‹U+${number.toString(16).toUpperCase().padStart(4, '0')}›`
}
