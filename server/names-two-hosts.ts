import type { IncomingMessage } from 'node:http'

/**
 * Whether a request has more than one `Host`: a proxy and the server could each take another one of them. Node.js takes the first.
 * Such a request is answered 400. Source: RFC 9112, section 3.2.
 */
export function namesTwoHosts({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  return rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'host').length > 1
}
