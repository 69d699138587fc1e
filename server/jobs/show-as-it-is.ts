const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;' }

/** Any text as HTML that shows it unchanged, below a sentence that says why. `reason` follows "because". */
export function showAsItIs(text: string, reason: string): string {
  const shown = text.replace(/[&<]/g, (character) => entities[character] ?? character)
  return `<p><em>Shown as plain text, because ${reason}.</em></p><pre>${shown}</pre>`
}
