/** Why a text is no address of a site that builds can be copied from; null: it is one. */
export function siteAddressFault(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) return 'it must be an http or https address'
  if (url.username !== '' || url.password !== '')
    return 'it must not contain a password: the builds of a site are public'
  return null
}
