/** The address of a path of a site, which may itself be below a path: `https://example.org/builds` and `/graphql`. */
export function addressBelow(site: string, path: string): URL {
  return new URL(`.${path}`, site.endsWith('/') ? site : `${site}/`)
}
