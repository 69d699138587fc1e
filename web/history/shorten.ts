import { visibleName } from '../ui/visible-text.ts'

/** How many letters of a platform's name there is room for beside the lines. */
export const labelLetters = 16

/**
 * A name with an ellipsis in its middle, where it has more than `most` letters: platforms often begin alike, and
 * what tells them apart is mostly at their end. Hidden characters are shown by their numbers.
 */
export function shorten(name: string, most: number): string {
  const shown = visibleName(name)
  const letters = Array.from(shown)
  if (letters.length <= most) return shown
  const tail = Math.floor((most - 1) / 2)
  return `${letters.slice(0, most - 1 - tail).join('')}…${letters.slice(letters.length - tail).join('')}`
}
