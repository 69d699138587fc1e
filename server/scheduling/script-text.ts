const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A script as text; null: it is not UTF-8, so that as text it would become another one. */
export function scriptText(script: Uint8Array): string | null {
  try {
    return utf8.decode(script)
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}
