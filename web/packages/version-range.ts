const bound = /^(?:<=|>=|<|>|=)?\s*[^\s<>=,]+$/

/** What is wrong with a range of versions as addresses write it; undefined: nothing. */
export function problemOfRange(text: string): string | undefined {
  const isRange = text.split(',').every((part) => bound.test(part.trim()))
  return isRange ? undefined : 'Write <4.14, >=1.0,<2 or 1.5.0.'
}
