const name = 'builder-hub.pinned-key'

/** The id of the key that the visitor has saved in this browser; null: none. */
export function readPinnedKey(): string | null {
  try {
    const saved = localStorage.getItem(name)
    return saved !== null && isKeyId(saved) ? saved : null
  } catch {
    // A browser may forbid it.
    return null
  }
}

/** Saves the id of a key, or forgets it. */
export function savePinnedKey(id: string | null): void {
  try {
    if (id === null) localStorage.removeItem(name)
    else localStorage.setItem(name, id)
  } catch {
    // It counts until the page is left.
  }
}

export const isKeyId = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)
