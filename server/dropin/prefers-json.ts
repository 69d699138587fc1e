/**
 * Whether a request's `Accept` asks for builder-web's JSON: it names `application/json` with no lower
 * quality than `text/html` has. Everything else (a browser, a link preview, any type) gets the page.
 *
 * By hand: Negotiator answers which of two types is preferred, but not whether one was named, and of
 * two that are equal it prefers the one that comes first in the header.
 * Source: docs/spec/drop-in.md, "URLs"; RFC 9110 §12.5.1.
 */
export function prefersJson(accept: string | undefined): boolean {
  const ranges = parseAccept(accept ?? '')
  const json = ranges.get('application/json') ?? 0
  // The most specific range that matches decides.
  const html = ranges.get('text/html') ?? ranges.get('text/*') ?? ranges.get('*/*') ?? 0
  return json > 0 && json >= html
}

/**
 * Quality by media range, from 0 to 1; one that is no number counts as 0. Ranges with parameters of
 * their own count like those without.
 */
function parseAccept(accept: string): Map<string, number> {
  const ranges = new Map<string, number>()
  for (const range of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim())
    const weight = parameters.find((one) => /^q\s*=/.test(one)) ?? 'q=1'
    const [, quality = '0'] = /=\s*(0(?:\.\d*)?|1(?:\.0*)?)$/.exec(weight) ?? []
    if (!ranges.has(name)) ranges.set(name, Number(quality))
  }
  return ranges
}
