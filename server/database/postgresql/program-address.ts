/** Parameters of an address that no other user of the machine may see. */
const secrets = new Set(['password', 'sslpassword'])

/**
 * The address of a database for the arguments of a program, which every user of the machine can see, and its password, for
 * the environment; empty: there is none. As for the driver `pg`, the parameter `password` counts before the one of the user. An
 * `sslpassword` is left out: the driver takes no key that needs one.
 */
export function programAddress(url: string): { address: string; password: string } {
  const shown = new URL(url)
  const ofUser = decodeURIComponent(shown.password)
  const ofParameter = shown.searchParams.getAll('password').at(-1) ?? ''
  shown.password = ''
  // As text: URLSearchParams would write a space as `+`, which libpq takes for a plus.
  const parts = shown.search.slice(1).split('&')
  shown.search = parts.filter((part) => !secrets.has(nameOf(part))).join('&')
  return { address: shown.href, password: ofParameter || ofUser }
}

const nameOf = (part: string): string => [...new URLSearchParams(part).keys()][0] ?? ''
