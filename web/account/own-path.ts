/**
 * Where to go after signing in: an address of this site, without its host. What is none, such as `//other.example` or
 * `javascript:…`, leads to the home page.
 */
export function ownPath(next: string | null, origin: string): string {
  if (next === null || !next.startsWith('/') || !URL.canParse(next, origin)) return '/'
  const url = new URL(next, origin)
  // Dots can leave two slashes, which lead to another host: `/.//other.example`.
  const isOwn = url.origin === origin && !url.pathname.startsWith('//')
  return isOwn ? url.pathname + url.search + url.hash : '/'
}
