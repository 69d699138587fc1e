/** Why and when a build is removed: its tombstone says so. */
export type Removal = {
  /** For people, such as `hub vacuum except-latest 5`, or what the operator has written. */
  reason: string
  removedAt: Date
}

/** A tombstone is shown on pages and in lines of text. */
const maxReasonCharacters = 500

/** A reason as it is stored: one line, not longer than pages show. */
export function reasonOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  const characters = [...line]
  return characters.length <= maxReasonCharacters
    ? line
    : `${characters.slice(0, maxReasonCharacters - 1).join('')}…`
}
