const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;' }

/** Any text as HTML that shows it unchanged. */
export function showAsItIs(text: string): string {
  return `<pre>${text.replace(/[&<]/g, (character) => entities[character] ?? character)}</pre>`
}
