import type { IncomingMessage } from 'node:http'
import { forwardedValue } from './forwarded.ts'
import type { Config } from './config.ts'

/**
 * Where people reach the site, without a slash at the end: what the operator says, else the host that the
 * request names, or, behind trusted proxies, what they say in X-Forwarded-Host and X-Forwarded-Proto.
 */
export function siteUrl(
  { headers }: Pick<IncomingMessage, 'headers'>,
  { publicUrl, trustedProxies }: Pick<Config, 'publicUrl' | 'trustedProxies'>,
): string {
  if (publicUrl !== '') return publicUrl
  const forwarded = (name: 'host' | 'proto') =>
    forwardedValue({ headers }, `x-forwarded-${name}`, trustedProxies)
  const scheme = forwarded('proto') === 'https' ? 'https' : 'http'
  // A client may send anything as its host: what is no host is not repeated.
  const host = [forwarded('host'), headers.host].find((text) => text && isHost(text))
  return `${scheme}://${host ?? 'localhost'}`
}

function isHost(text: string): boolean {
  const hasForm = text.length <= 255 && /^([a-z\d.-]+|\[[a-f\d:.]+\])(:\d{1,5})?$/i.test(text)
  return hasForm && URL.canParse(`http://${text}`)
}
