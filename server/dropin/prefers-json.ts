/**
 * Whether the `Accept` header asks for builder-web's JSON: it names `application/json` with at least the quality
 * of `text/html`. All other requests (browsers, link previews, wildcards) get the page.
 *
 * Why not Negotiator: it does not report whether a type was named or matched by a wildcard, and of two types
 * with equal quality it prefers the first in the header.
 * Source: docs/spec/drop-in.md, "URLs"; RFC 9110 §12.5.1.
 */
export function prefersJson(accept: string | undefined): boolean {
  const ranges = parseAccept(accept ?? '')
  const json = ranges.get('application/json') ?? 0
  // The most specific matching range decides.
  const html = ranges.get('text/html') ?? ranges.get('text/*') ?? ranges.get('*/*') ?? 0
  return json > 0 && json >= html
}

/**
 * Quality by media range, from 0 to 1. A quality that is not a number counts as 0. Other parameters of a range
 * are ignored.
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
