const maxLength = 2_000

/**
 * Where to go after signing in: an address of this site, without its host. What is none, such as `//other.example`, or is longer
 * than a cookie, leads to the home page.
 */
export function ownPath(next: string | null): string {
  const origin = 'http://own.invalid'
  if (next === null || !next.startsWith('/') || !URL.canParse(next, origin)) return '/'
  const { origin: found, pathname, search } = new URL(next, origin)
  const path = pathname + search
  // Dots can leave two slashes: `/.//other.example`.
  return found === origin && path.length <= maxLength && !path.startsWith('//') ? path : '/'
}
